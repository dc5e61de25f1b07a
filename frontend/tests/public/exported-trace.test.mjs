// The trace of one registration at an OTLP receiver: from the browser to the SQL statement.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { applicant } from "./applicant.mjs";
import { register } from "./form.mjs";
import { useService } from "../suite.mjs";

const program = process.env.OTLP_RECEIVER_BIN;
if (!program) throw new Error("Set OTLP_RECEIVER_BIN to the path of the otlp-receiver binary.");
const receiver = spawn(program, ["print"], { stdio: ["ignore", "pipe", "inherit"] });
process.once("exit", () => receiver.kill());
after(() => receiver.kill());

const spans = [];
let onSpan = () => {};
const endpoint = await new Promise((resolve) => {
  createInterface({ input: receiver.stdout }).on("line", (line) => {
    if (line.startsWith("{")) spans.push(JSON.parse(line));
    else resolve(line);
    onSpan();
  });
}).then((line) => line.split(" ")[0]);

function received(isEnough) {
  return new Promise((resolve) => {
    onSpan = () => isEnough() && resolve();
    onSpan();
  });
}

const { pageTest } = useService({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "20" });

pageTest("a trace leads from the browser to the SQL statement", {}, async (page) => {
  await register(page, applicant());
  const expected = [
    ["form_submit", "internal", "student-registration-web"],
    ["POST", "client", "student-registration-web"],
    ["POST /register", "server", "student-registration-service"],
    ["register_student_handler", "internal", "student-registration-service"],
    ["db_insert_student", "internal", "student-registration-service"],
    ["INSERT students", "client", "student-registration-service"],
  ];
  await received(() => expected.every(([name]) => spans.some((span) => span.name === name)));
  let parent = "";
  for (const [name, kind, service] of expected) {
    const span = spans.find((span) => span.name === name);
    assert.deepEqual([span.kind, span.service], [kind, service], name);
    assert.equal(span.parent_id, parent, name);
    assert.equal(span.trace_id, spans.find((span) => span.name === "form_submit").trace_id, name);
    parent = span.span_id;
  }

  // The page load belongs to the trace of the request for the page.
  await received(() => spans.some((span) => span.name === "documentLoad"));
  const loaded = spans.find((span) => span.name === "documentLoad");
  const home = spans.find((span) => span.span_id === loaded.parent_id);
  assert.deepEqual([home.name, home.trace_id], ["home_handler", loaded.trace_id]);
});
