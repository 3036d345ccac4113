// A robot in a group chat, connected in Settings; its platform is a server of the test's own on loopback.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';

const KEY = '693a91f6-7a0c-4bc4-97a0-0ec2sifa5aaa';
const REFUSED_KEY = '0b0d1e5e-dead-4bc4-97a0-0ec2sifa5bbb';
const REFUSAL = 'invalid webhook url, hint: [1700000000123456]';

/** WeCom as developer.work.weixin.qq.com, documents 91770 and 90313, describe it. */
async function fakeWecom(body) {
  const got = [];
  const server = createServer(async (request, answer) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, 'http://platform');
    const key = url.searchParams.get('key');
    got.push({ path: url.pathname, key, message: JSON.parse(Buffer.concat(chunks).toString()) });
    answer.setHeader('content-type', 'application/json; charset=UTF-8');
    answer.end(JSON.stringify(key === KEY ? { errcode: 0, errmsg: 'ok' } : { errcode: 93000, errmsg: REFUSAL }));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    await body({ got, address: (key) => `http://127.0.0.1:${server.address().port}/cgi-bin/webhook/send?key=${key}` });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

async function openRobots(page) {
  await page.click('nav-settings');
  await page.click('settings-tab-robots');
  await page.byId('robot-add');
}

async function add(page, name, address) {
  await page.click('robot-add');
  await (await page.see('[data-testid="robot-dialog"] label:has(input[value="wecom"])')).click();
  const [nameField, addressField] = await page.all('[data-testid="robot-dialog"] form > .field input');
  await nameField.type(name);
  await addressField.type(address);
  await page.click('robot-keep');
  await page.gone('robot-dialog');
  await until(`${name} in the list`, async () => (await robots(page)).some((text) => text.includes(name)));
}

const robots = (page) => page.run("() => [...document.querySelectorAll('[data-testid=\"robot\"]')].map((row) => row.innerText)");
const log = (page) => page.run("() => [...document.querySelectorAll('[data-testid=\"robot-log\"] li')].map((line) => ({ state: line.dataset.state, text: line.innerText }))");

async function sendTest(page, at) {
  await (await page.all('[data-testid="robot"] .acts .btn'))[at].click();
}

/** All that the page holds: its elements, and what stands in its fields. */
const HELD = "() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((field) => field.value).join('\\n')";

async function noSecret(page, where) {
  const held = await page.run(HELD);
  for (const key of [KEY, REFUSED_KEY]) assert.ok(!held.includes(key), `${where} holds a key`);
}

test('a robot is connected, tested, refused by its platform, and its address never shown again', { timeout: 240_000 }, async () => {
  await fakeWecom(async ({ got, address }) => withDesk({ name: 'robots' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await openRobots(page);
    await add(page, '值班群', address(KEY));
    await noSecret(page, 'the list');
    assert.match((await robots(page))[0], /127\.0\.0\.1:\d+ …5aaa/, 'its last characters tell it from others');

    await sendTest(page, 0);
    const message = await until('the test message', () => got.find(({ message: one }) => /测试消息|test message/.test(JSON.stringify(one))));
    assert.deepEqual([message.path, message.key, message.message.msgtype], ['/cgi-bin/webhook/send', KEY, 'markdown']);
    assert.match(message.message.markdown.content, /值班群/);
    await until('the log to say sent', async () => (await log(page)).some(({ state, text }) => state === 'sent' && /测试消息|test message/.test(text)));
    await desk.desktop.picture('sent.png');
    assert.deepEqual(await axeFindings(page), []);

    await add(page, '旧群', address(REFUSED_KEY));
    await sendTest(page, 1);
    await until('the refusal and what to do', async () => /没有这个机器人|does not know this robot/.test((await robots(page))[1]));
    const refused = await until('the refused message in the log', async () => {
      const lines = await log(page);
      const line = lines.findIndex(({ state }) => state === 'failed');
      return line >= 0 && { line, ...lines[line] };
    });
    assert.match(refused.text, /旧群/);
    await (await page.all('[data-testid="robot-log"] li .btn.ghost'))[refused.line].click();
    await until("the platform's own words", async () => (await log(page))[refused.line].text.includes(REFUSAL));
    await desk.desktop.picture('refused.png');

    // What is kept comes back for a change without its secrets.
    await (await page.all('[data-testid="robot"] .acts .icon-btn'))[0].click();
    await page.byId('robot-replace');
    await noSecret(page, 'the dialog');
    await page.press('Escape');
    await page.gone('robot-dialog');

    // The address is in the keyring: another start sends with it.
    const before = got.length;
    await desk.restart();
    await openRobots(desk.page);
    await until('both robots', async () => (await robots(desk.page)).length === 2);
    await sendTest(desk.page, 0);
    await until('the message after the restart', () => got.slice(before).find(({ key, message: one }) => key === KEY && /测试消息|test message/.test(JSON.stringify(one))));
    await noSecret(desk.page, 'the page after a restart');
    for (const key of [KEY, REFUSED_KEY]) assert.ok(!desk.logs().includes(key), 'the log holds a key');
  }));
});
