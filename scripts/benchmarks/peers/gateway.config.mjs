// Hive Gateway: hands the authorization header on, as the others do.
import { defineConfig } from "@graphql-hive/gateway";

export const gatewayConfig = defineConfig({
  logging: false,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") ?? "none" }),
  },
});
