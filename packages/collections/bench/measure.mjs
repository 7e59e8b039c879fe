/** Runs `work` until it was done `count` times, by so many callers at once, and prints how often a second, and what each cost. */
export async function measure(name, count, callers, work) {
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round(count / seconds).toLocaleString('en');
  console.log(`${name}: ${perSecond} a second, ${((user + system) / count).toFixed(2)} µs of CPU each`);
}
