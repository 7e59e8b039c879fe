/**
 * One circle for each group of nodes that can all reach each other, written as the path `[a, b, ..., a]`.
 * @param {Map<string, Iterable<string>>} graph
 * @returns {string[][]}
 */
export const circlesIn = (graph) => {
  const circles = [];
  const reported = new Set();
  for (const start of graph.keys()) {
    if (reported.has(start)) continue;
    const path = shortestPathBack(graph, start);
    if (!path) continue;
    circles.push(path);
    for (const node of graph.keys()) if (reaches(graph, start, node) && reaches(graph, node, start)) reported.add(node);
  }
  return circles;
};

const reaches = (graph, from, to) => shortestPath(graph, from, to) !== undefined;
const shortestPathBack = (graph, node) => shortestPath(graph, node, node);

const shortestPath = (graph, from, to) => {
  const previous = new Map();
  const queue = [from];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (previous.has(next)) continue;
      previous.set(next, node);
      if (next !== to) {
        queue.push(next);
        continue;
      }
      const path = [to];
      do path.unshift(previous.get(path[0]));
      while (path[0] !== from);
      return path;
    }
  }
  return undefined;
};
