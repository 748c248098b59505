// Reads TraceQL expressions as a JSON list from standard input and prints those that the grammar rejects, as a JSON list.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { parser } = createRequire(`${process.argv[2]}/`)("@grafana/lezer-traceql");

function accepted(query) {
  let whole = true;
  parser.parse(query).iterate({ enter: (node) => { whole &&= !node.type.isError; } });
  return whole;
}

const queries = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(queries.filter((query) => !accepted(query))));
