// Say what arrival showed: node report-arrival.js REPORT.json [DECISION_ID]
//
// Without an id it is about the newest decision that has no report yet. Only reports tell how often relying was right;
// where the agreement says so, the partner gets them too. The same report again changes nothing, so it needs no id.

import * as door from "./door.js";

async function main(file, decisionId) {
  const reliances = door.open("ReliancesService");
  const decision_id = decisionId ?? (await unreported(reliances).next()).value;
  const { reliance } = await door.ask(reliances, "GiveFeedback", { decision_id, report: door.read(file) });
  console.log(`✓ ${decision_id}: ${reliance.finding.replace("FINDING_", "")}`);
}

/** Give every decision that relied and has no report yet, the newest first, page by page. */
async function* unreported(reliances) {
  const request = { open: true };
  do {
    const page = await door.ask(reliances, "ListReliances", request);
    yield* page.reliances.map((each) => each.decision_id);
    request.page_token = page.next_page_token;
  } while (request.page_token);
}

door.run(main);
