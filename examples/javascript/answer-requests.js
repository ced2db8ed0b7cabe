// Do the controls that partners ask for: node answer-requests.js OUTCOME.json [COUNT]
//
// Every open request is told when the watch begins, as it stands. So nothing is kept here: after a crash the next run
// goes on with the next step of each, and a step is not taken twice, since its id is made from the request.

import * as door from "./door.js";

const NEW = ["REQUEST_STATE_SENT", "REQUEST_STATE_RECEIVED"];

async function main(outcomeFile, enough = Infinity) {
  const [requests, records] = [door.open("RequestsService"), door.open("RecordsService")];
  const filter = { open_only: true, side: "REQUEST_SIDE_TO_ANSWER" };
  const watched = door.watch(requests, "WatchRequests", { filter });
  for (let done = 0; done < enough; ) {
    const { value: message } = await watched.next();
    for (const request of message.requests.filter(({ matter }) => matter === "REQUEST_MATTER_CONTROL")) {
      if (NEW.includes(request.state)) {
        await step(requests, request, { state: "REQUEST_STATE_ACCEPTED" });
      } else if (request.state === "REQUEST_STATE_ACCEPTED") {
        await finish(requests, records, request, door.read(outcomeFile));
        done += 1;
      }
    }
  }
}

/** State what the control found, in a record of its own, and name that record in the answer. */
async function finish(requests, records, request, record) {
  const found = record.inspection_outcome;
  Object.assign(found, { reason: "CONTROL_REASON_PARTNER_REQUEST", request_id: request.request_id });
  const submission = { request_id: door.idOf("outcome", request.asker, request.request_id), record };
  const [result] = (await door.ask(records, "SubmitRecords", { submissions: [submission] })).results;
  if (result.refusal) throw door.refused(result.refusal);
  const completed = { control_id: found.control_id, outcome_record_id: result.record_id };
  await step(requests, request, { state: "REQUEST_STATE_COMPLETED", ...completed });
}

/** Take one step of a request. */
async function step(requests, { asker, request_id }, answer) {
  const name = answer.state.replace("REQUEST_STATE_", "");
  const call = { call_id: door.idOf(name, asker, request_id), asker, control: { request_id, ...answer } };
  await door.ask(requests, "AnswerRequest", call);
  console.log(`✓ ${request_id} of ${asker}: ${name}`);
}

door.run(main);
