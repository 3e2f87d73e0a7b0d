// Asks @apollo/composition for its verdicts: one JSON list of {name, url, sdl} a line in, one verdict a line out.
// Run from a folder that has the package: `cd peers && npm install @apollo/composition`.
import { composeServices } from '@apollo/composition';
import { parse, printSchema } from 'graphql';
import readline from 'node:readline';
const rl = readline.createInterface({ input: process.stdin });
for await (const line of rl) {
  if (!line.trim()) continue;
  let out;
  try {
    const subgraphs = JSON.parse(line).map(s => ({ name: s.name, url: s.url ?? undefined, typeDefs: parse(s.sdl) }));
    const r = composeServices(subgraphs);
    out = { ok: !r.errors, errors: (r.errors ?? []).map(e => ({ message: e.message, code: e.extensions?.code ?? null })),
      hints: (r.hints ?? []).map(h => ({ code: h.definition.code, message: h.message, coordinate: h.coordinate })),
      supergraphSdl: r.supergraphSdl ?? null,
      };
    if (r.schema) try { out.apiSchemaSdl = printSchema(r.schema.toAPISchema().toGraphQLJSSchema()); } catch (e) { out.apiError = String(e); }
  } catch (e) { out = { ok: false, errors: [{ message: String(e.message), code: e.extensions?.code ?? null, thrown: e.constructor.name }], hints: [] }; }
  process.stdout.write(JSON.stringify(out) + '\n');
}
