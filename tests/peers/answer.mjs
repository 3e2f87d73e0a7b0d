// Another gateway answers queries: `node answer.mjs apollo|hive FOLDER`, one JSON line {supergraph, queries} in, one
// {answers} or {refused} out. FOLDER has the gateways' packages; nothing listens, subgraphs are called over HTTP.
import { createRequire } from "node:module";
import { join } from "node:path";
import readline from "node:readline";

const [peer, folder] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));

async function apollo(supergraphSdl) {
  const { ApolloGateway } = load("@apollo/gateway");
  const { ApolloServer } = load("@apollo/server");
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl, logger }), logger });
  await server.start();
  return {
    answer: async (query) => (await server.executeOperation({ query })).body.singleResult,
    stop: () => server.stop(),
  };
}

async function hive(supergraph) {
  const { createGatewayRuntime } = load("@graphql-hive/gateway");
  const runtime = createGatewayRuntime({ supergraph, logging: false, maskedErrors: false });
  const headers = { "content-type": "application/json" };
  return {
    answer: async (query) => {
      const body = JSON.stringify({ query });
      return (await runtime.fetch("http://gateway/graphql", { method: "POST", headers, body })).json();
    },
    stop: () => runtime.dispose?.(),
  };
}

async function answers({ supergraph, queries }) {
  let gateway;
  try {
    gateway = await { apollo, hive }[peer](supergraph);
    const found = [];
    for (const query of queries) found.push(await gateway.answer(query));
    return { answers: found };
  } catch (error) {
    return { refused: String(error?.message ?? error) };
  } finally {
    await gateway?.stop();
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`\n${JSON.stringify(await answers(JSON.parse(line)))}\n`);
}
process.exit(0);
