import assert from 'node:assert/strict';

/** The contract allows the server to add fields, so a shape names what must be there, and `absent` what must not. */
export const absent = Symbol('absent');

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const isTimestamp = (it) => typeof it === 'string' && TIMESTAMP.test(it) && !Number.isNaN(Date.parse(it));
export const isUuid = (it) => typeof it === 'string' && UUID.test(it);
export const isToken = (it) => typeof it === 'string' && JWT.test(it);
export const isString = (it) => typeof it === 'string' && it !== '';
export const near = (number) => (it) => typeof it === 'number' && Math.abs(it - number) < 1e-9;
export const between = (low, high) => (it) => Number.isInteger(it) && it >= low && it <= high;

export function match(actual, expected, where = 'value') {
  if (expected === absent) {
    assert.equal(actual, undefined, `${where} must be absent, is ${JSON.stringify(actual)}`);
  } else if (typeof expected === 'function') {
    assert.ok(expected(actual), `${where} is ${JSON.stringify(actual)}, which is not ${expected.name || expected}`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${where} must be an array, is ${JSON.stringify(actual)}`);
    assert.equal(actual.length, expected.length, `${where} has another length: ${JSON.stringify(actual)}`);
    expected.forEach((item, index) => match(actual[index], item, `${where}[${index}]`));
  } else if (expected !== null && typeof expected === 'object') {
    assert.ok(actual !== null && typeof actual === 'object', `${where} must be an object, is ${JSON.stringify(actual)}`);
    for (const key of Object.keys(expected)) match(actual[key], expected[key], `${where}.${key}`);
  } else {
    assert.deepEqual(actual, expected, `${where} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  }
}

/** A `null` where a field should be missing throws inside the browser client. */
export function noNulls(value, where = 'value') {
  assert.notEqual(value, null, `${where} is null`);
  if (typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) noNulls(item, `${where}.${key}`);
}
