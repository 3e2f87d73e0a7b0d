// Requests and waves of other planners: reads {graphs: {name: sdl}, operations: [{id, graph, query, labels}]} on standard
// input, writes {id: {apollo: [requests, waves] | message, hive: ...}}. Run from a folder that has both packages.
import fs from 'node:fs';
import { Supergraph, operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner as Apollo } from '@apollo/query-planner';
import { QueryPlanner as Hive } from '@graphql-hive/router-query-planner';
import { parse } from 'graphql';

function cost(node) {
  if (!node) return [0, 0];
  switch (node.kind) {
    case 'QueryPlan':
    case 'Flatten':
      return cost(node.node);
    case 'Fetch':
    case 'BatchFetch':
      return [1, 1];
    case 'Sequence':
      return node.nodes.map(cost).reduce((sum, each) => [sum[0] + each[0], sum[1] + each[1]], [0, 0]);
    case 'Parallel':
      return node.nodes.map(cost).reduce((sum, each) => [sum[0] + each[0], Math.max(sum[1], each[1])], [0, 0]);
    case 'Condition': {
      const [yes, no] = [cost(node.ifClause), cost(node.elseClause)];
      return [yes[0] + no[0], Math.max(yes[1], no[1])];
    }
    case 'Subscription': {
      const rest = cost(node.rest);
      return [1 + rest[0], 1 + rest[1]];
    }
    default:
      throw new Error(`unknown node ${node.kind}`);
  }
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    return String(error.message).split('\n')[0].slice(0, 120);
  }
}

const { graphs, operations } = JSON.parse(fs.readFileSync(0));
const planners = {};
for (const [name, sdl] of Object.entries(graphs)) {
  planners[name] = {
    apollo: attempt(() => {
      const supergraph = Supergraph.build(sdl);
      return { schema: supergraph.apiSchema(), planner: new Apollo(supergraph) };
    }),
    hive: attempt(() => new Hive(sdl)),
  };
}
const found = {};
for (const { id, graph, query, labels } of operations) {
  const { apollo, hive } = planners[graph];
  found[id] = {
    apollo: attempt(() => {
      const operation = operationFromDocument(apollo.schema, parse(query));
      const options = { overrideConditions: new Map(labels.map((label) => [label, true])) };
      return cost(apollo.planner.buildQueryPlan(operation, options));
    }),
    hive: attempt(() => cost(hive.plan(query, null, new Set(labels), 0))),
  };
}
console.log(JSON.stringify(found));
