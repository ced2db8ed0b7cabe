// Ask what partners' controls are worth: node decide.js [--wait MINUTES] QUESTION.json…
//
// With --wait an answer may be PENDING so long, where something is under way that would change it; this program waits
// with it.

import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import * as door from "./door.js";

const WHAT_TO_DO = {
  OUTCOME_RELY: "Let it go.",
  OUTCOME_RELY_SUBJECT_TO: "Let it go if the gate shows what the conditions say.",
  OUTCOME_RELY_IN_PART: "Do what is left, no more.",
  OUTCOME_DO_NOT_RELY: "Check as if the partner had said nothing.",
  OUTCOME_VERIFY: "Drawn for the sample: check, and report what you find. It says nothing against this trader.",
  OUTCOME_PENDING: "Wait.",
};

async function main() {
  const { values, positionals: files } = parseArgs({ options: { wait: { type: "string" } }, allowPositionals: true });
  const recognition = door.open("RecognitionService");
  const requests = files.map((file) => ({ request_id: randomUUID(), question: question(file, values.wait) }));
  const { value: before } = await door.watch(recognition, "WatchDecisions", { from_now: true }).next();
  const pending = new Set();
  for (const [at, { decision, refusal }] of (await decided(recognition, requests)).entries()) {
    if (refusal) {
      console.log(`✗ ${files[at]}: ${door.refused(refusal).message}`);
      continue;
    }
    tell(files[at], decision);
    if (decision.outcome === "OUTCOME_PENDING") pending.add(decision.decision_id);
  }
  await resolved(recognition, pending, before.cursor);
}

/** Read a question; how long its answer may take is a matter of this moment. */
function question(file, minutes) {
  return { ...door.read(file), ...(minutes && { decide_by: door.moment(new Date(Date.now() + 60_000 * minutes)) }) };
}

/** Ask one with Decide, and many, such as the boxes of a vessel, with DecideMany: a thousand a message at most. */
async function decided(recognition, requests) {
  if (requests.length === 1) return [await door.ask(recognition, "Decide", requests[0])];
  const messages = [];
  for (let at = 0; at < requests.length; at += 1000) messages.push({ requests: requests.slice(at, at + 1000) });
  return (await door.askMany(recognition, "DecideMany", messages)).flatMap(({ results }) => results);
}

/** Wait for those that are pending. The watch begins before they were asked for, so none is missed. */
async function resolved(recognition, pending, cursor) {
  const changes = door.watch(recognition, "WatchDecisions", { cursor });
  while (pending.size) {
    const { value: message } = await changes.next();
    for (const { decision } of message.events) {
      if (decision.outcome !== "OUTCOME_PENDING" && pending.delete(decision.decision_id)) tell("resolved", decision);
    }
  }
}

/** Print an answer as the officer needs it: the outcome, the gate, what is left and why. */
function tell(what, { outcome, decision_id, summary, general, conditions, remaining, pending }) {
  const lines = [
    `${outcome.replace("OUTCOME_", "")}  ${what}: ${WHAT_TO_DO[outcome] ?? WHAT_TO_DO.OUTCOME_DO_NOT_RELY}`,
    `  decision ${decision_id}: ${summary}`,
    ...(general?.objections ?? []).map(({ text, reason }) => `  ✗ ${text} (${reason})`),
    ...conditions.map(({ text }) => `  ○ At the gate: ${text}`),
    ...remaining.map((each) => `  ✗ Left to check: ${left(each)}`),
    ...(pending?.on ?? []).map(({ reference, partner }) => `  … on ${reference} of ${partner}`),
  ];
  console.log(lines.join("\n"));
}

/** Say what is left for one threat, and why. */
const left = ({ threat, checks, reasons }) =>
  `${threat.replace("THREAT_", "")} by ${checks.join(", ")} (${reasons.join(", ")})`;

door.run(main);
