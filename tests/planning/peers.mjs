// Requests and waves of other planners on one graph: reads {sdl, operations: [{id, query, labels}], peers: [name]} on
// standard input, writes {id: {name: [requests, waves] | message}}. Run from a folder that has both packages.
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

const { sdl, operations, peers } = JSON.parse(fs.readFileSync(0));
const started = {
  apollo: () => {
    const supergraph = Supergraph.build(sdl);
    const [schema, planner] = [supergraph.apiSchema(), new Apollo(supergraph)];
    return (query, labels) => {
      const options = { overrideConditions: new Map(labels.map((label) => [label, true])) };
      return planner.buildQueryPlan(operationFromDocument(schema, parse(query)), options);
    };
  },
  hive: () => {
    const planner = new Hive(sdl);
    return (query, labels) => planner.plan(query, null, new Set(labels), 0);
  },
};
const found = {};
for (const peer of peers) {
  const plan = attempt(started[peer]);
  for (const { id, query, labels } of operations) {
    found[id] ??= {};
    found[id][peer] = typeof plan === 'string' ? plan : attempt(() => cost(plan(query, labels)));
  }
}
console.log(JSON.stringify(found));
