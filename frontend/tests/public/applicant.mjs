// Answers to the form: a valid and an invalid value for each field, by name, in the order of the form.

import { randomUUID } from "node:crypto";

// A valid applicant, whose address no other has; `changes` replace values.
export function applicant(changes) {
  return { first_name: "Zoë", last_name: "Nguyễn Văn", email: `${randomUUID()}@example.org`, ...changes };
}

export const invalidAnswers = { first_name: "123", last_name: "x".repeat(101), email: "nope" };

// The same answer to every field.
export function answerAll(answer) {
  return Object.fromEntries(Object.keys(applicant()).map((name) => [name, answer]));
}
