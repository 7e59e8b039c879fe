const service = new URL('./service.mjs', import.meta.url);
const client = new URL('./client.mjs', import.meta.url);

/**
 * @param {import('@hamok/example-stage').Stage} stage
 * @param {NodeJS.ProcessEnv} [database] the variables that say where PostgreSQL is, for servers that keep the configuration there
 */
export async function story(stage, database) {
  const options = database === undefined ? {} : { env: database };
  const startServers = () => stage.startAll(service, ['a', 'b', 'c'], { a: options, b: options, c: options });

  stage.scene('Three servers begin, and four clients are connected to them.');
  const servers = await startServers();
  const [a, b, c] = await Promise.all(servers.map(portOf));
  const clients = Object.entries({ 1: [a, c], 2: [a, c], 3: [b, c], 4: [c, a] }).map(([n, ports]) =>
    stage.run(client, `client-${n}`, ports.map(String)),
  );
  await Promise.all(clients.map((each) => each.says(/^connected/)));

  stage.scene('Each sends a measurement to its server.');
  await Promise.all(clients.map((each, n) => each.ask(`measured ${each.id} ${20 + n}.5`, /^kept/)));

  stage.scene('Whichever server is asked, it knows the last measurement of each client, and how many they are.');
  const before = await Promise.all(clients.map((asker) => whatIsKnown(asker, clients)));

  stage.scene('Two of them configure the same thing: all servers see it in one order.');
  await Promise.all(clients.slice(2).map((each) => each.ask(`configure interval ${each.id}`, /^configured/)));
  await Promise.all(servers.map((server) => server.says(/^interval is .*, and was/)));
  const changes = servers.map(({ lines }) => lines.filter((line) => line.startsWith('interval is')));

  stage.scene('A server is killed (SIGKILL). What it held is restored, and its client goes to another server.');
  await servers[1].kill();
  const [, , moved] = clients;
  await moved?.says(/^connected/, 2);
  await moved?.ask(`measured ${moved.id} 30.5`, /^kept/);
  const after = await Promise.all(clients.map((asker) => whatIsKnown(asker, clients)));

  stage.scene('It comes back, and has the configuration from the others.');
  const returned = await stage.start(service, 'b', options);
  const configurations = [await configurationOf(returned)];
  if (database === undefined) return { before, changes, after, configurations };

  stage.scene('All servers end (SIGINT), and start again: they have the configuration from PostgreSQL.');
  await Promise.all(clients.map((each) => each.kill()));
  await Promise.all([servers[0], returned, servers[2]].map((server) => server.end()));
  configurations.push(...(await Promise.all((await startServers()).map(configurationOf))));
  return { before, changes, after, configurations };
}

/** @typedef {import('@hamok/example-stage').ServiceProcess} ServiceProcess */

/** @param {ServiceProcess} server */
async function portOf(server) {
  return (await server.says(/^serves clients on (\d+)$/))[1];
}

/** @param {ServiceProcess} server */
async function configurationOf(server) {
  return JSON.parse((await server.says(/^ready (.*)$/))[1] ?? '');
}

/** @param {ServiceProcess} asker @param {ServiceProcess[]} clients */
async function whatIsKnown(asker, clients) {
  const last = clients.map(({ id }) => asker.ask(`last ${id}`, new RegExp(`^last of ${id}: (.*)$`)));
  const known = await Promise.all([...last, asker.ask('clients', /^clients: (.*)$/)]);
  return known.map(([, value = '']) => JSON.parse(value));
}
