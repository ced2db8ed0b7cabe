// State records: node submit.js RECORD.json…
//
// The request id is made from the record. So the same file, sent again after a lost answer or a crash, is answered with
// the record that it became the first time.

import { readFileSync } from "node:fs";
import * as door from "./door.js";

async function main(...files) {
  const submissions = files.map((file) => ({
    request_id: door.idOf("record", readFileSync(file, "utf8")),
    record: door.read(file),
  }));
  const { results } = await door.ask(door.open("RecordsService"), "SubmitRecords", { submissions });
  results.forEach(({ refusal, record_id, releases }, at) => {
    if (refusal) return console.log(`✗ ${files[at]}: ${door.refused(refusal).message}`);
    console.log(`✓ ${files[at]} is ${record_id}`);
    for (const { partner, agreement_id, withheld } of releases) {
      console.log(`    to ${partner} under ${agreement_id}; withheld: ${withheld.join(", ") || "nothing"}`);
    }
  });
  return results.some(({ refusal }) => refusal) ? 1 : 0;
}

door.run(main);
