// Take in what partners state, each record once: node watch.js INBOX.jsonl [COUNT]
//
// The inbox has a line for each message: its records, and the cursor behind them. What was taken in and how far it goes
// are one write, so no crash, here or of the gateway, loses a record or takes one twice. In a database: one transaction.

import { fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import * as door from "./door.js";

/** What was taken in: a file that only grows. */
class Inbox {
  cursor = "";
  count = 0;
  #file;

  /** Open it; a line that a crash has cut off is as if it had never been written. */
  constructor(path) {
    this.#file = openSync(path, "a+");
    const whole = readFileSync(path, "utf8").replace(/[^\n]*$/, "");
    ftruncateSync(this.#file, Buffer.byteLength(whole));
    whole.split("\n").filter(Boolean).forEach((line) => this.#count(JSON.parse(line)));
  }

  /** Write a message's records and its cursor, and come back when they are on the disk. */
  take({ cursor, records }) {
    const taken = { cursor, records: records.map((each) => each.record) };
    writeSync(this.#file, `${JSON.stringify(taken)}\n`);
    fsyncSync(this.#file);
    this.#count(taken);
  }

  #count({ cursor, records }) {
    this.cursor = cursor;
    this.count += records.length;
  }
}

async function main(path, enough = Infinity) {
  const inbox = new Inbox(path);
  const request = { cursor: inbox.cursor, filter: { direction: "DIRECTION_RECEIVED" } };
  const messages = door.watch(door.open("RecordsService"), "WatchRecords", request);
  while (inbox.count < enough) {
    const { value: message } = await messages.next();
    inbox.take(message);
    for (const { record } of message.records) {
      console.log(`✓ ${record.header.record_id} by ${record.header.issuer}: ${record.body}`);
    }
  }
}

door.run(main);
