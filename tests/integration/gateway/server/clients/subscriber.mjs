// A graphql-ws client: subscribes once, prints each result as a line, says `complete` or `error`; then asks a query.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, authorization] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
  retryAttempts: 0,
});
const say = (value) => console.log(JSON.stringify(value));

await new Promise((resolve) => {
  client.subscribe(
    { query: "subscription ($to: Int!) { ticks(to: $to) { id number } }", variables: { to: 2 } },
    {
      next: (result) => say(result),
      complete: () => resolve(say("complete")),
      error: (error) => resolve(say({ error: error.message ?? error })),
    },
  );
});
for await (const result of client.iterate({ query: "{ hello }" })) say(result);
for await (const result of client.iterate({ query: 'mutation { shout(text: "done") }' })) say(result);
await new Promise((resolve) => {
  client.subscribe({ query: "{ nothing }" }, { next: say, complete: resolve, error: (errors) => resolve(say({ refused: errors.length })) });
});
await client.dispose();
