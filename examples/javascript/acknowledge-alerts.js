// Put partners' alerts before a person: node acknowledge-alerts.js [COUNT]
//
// DELIVERED is said by the gateways. ACKNOWLEDGED says that a person has taken it up, so a person has to press Enter.

import { createInterface } from "node:readline";
import * as door from "./door.js";

const WAITING = ["ALERT_STANDING_ISSUED", "ALERT_STANDING_DELIVERED", "ALERT_STANDING_ESCALATED"];
const enter = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function main(enough = Infinity) {
  const alerts = door.open("AlertsService");
  const filter = { open_only: true, side: "ALERT_SIDE_TO_ANSWER" };
  const watched = door.watch(alerts, "WatchAlerts", { filter });
  for (let done = 0; done < enough; ) {
    const { value: message } = await watched.next();
    for (const alert of message.alerts.filter(({ standing }) => WAITING.includes(standing))) {
      await acknowledge(alerts, alert);
      done += 1;
    }
  }
}

/** Show an alert, and say to its issuer that somebody has taken it up. */
async function acknowledge(alerts, { issuer, alert_id, ack_required_by, record }) {
  const said = record.record.alert;
  console.log(`${said.type.replace("ALERT_TYPE_", "")} by ${issuer}: ${said.text}`);
  console.log(`  ${said.container_numbers.join(", ")}; due ${new Date(1000 * ack_required_by.seconds).toISOString()}`);
  process.stdout.write("  Enter takes it up ");
  await enter.next();
  const call_id = door.idOf("acknowledge", issuer, alert_id);
  await door.ask(alerts, "AnswerAlert", { call_id, alert_id, issuer, state: "ALERT_STATE_ACKNOWLEDGED" });
  console.log(`✓ ${alert_id}: ACKNOWLEDGED`);
}

door.run(main);
