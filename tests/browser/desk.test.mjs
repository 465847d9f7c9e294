// SPDX-License-Identifier: Apache-2.0
// desk.test.mjs -- two operators, a fire brigade's post, an engineer and an auditor at their pages: who was called, who takes it, who
// hands it over, whose page is gone. And whatever people write is text on every one of them.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { PAYLOADS, isAccepted } from '../support/injection.mjs';
import { withStack } from '../system/support.mjs';
import { DESK, PHONE, WALL, checkAccess, shoot, tooWide, withBrowser } from './browser.mjs';

const PASSWORD = 'jaga-malam-kendal';
const row = (page, number) => page.locator(`[data-number="${number}"]`);
const ringing = (page) => page.locator('.sound').getAttribute('data-ringing');
const rings = (page, what) => until(`the page to ring: ${what || 'nothing'}`, async () => (await ringing(page)) === what, 20000, 30);

const post = (stack, target, body) => fetch(`${stack.url}/api/v1${target}`, {
	method: 'POST', body: JSON.stringify(body), headers: { 'x-pospin': '1', 'content-type': 'application/json' },
});

async function userMake(stack, name, more) {
	const made = await stack.api('POST', '/users', { name, display: name, ...more });
	assert.equal(made.status, 201, JSON.stringify(made.body));
	const token = /#invitation=(\w+)/.exec(made.body.link)[1];
	assert.equal((await post(stack, '/invitation', { token, password: PASSWORD })).status, 204);
}

async function login(stack, open, name, size = DESK) {
	const page = await open(size);
	await page.goto(stack.url);
	await page.getByLabel('Nama pengguna').fill(name);
	await page.getByLabel('Kata sandi').fill(PASSWORD);
	await page.getByRole('button', { name: 'Masuk' }).click();
	await page.locator('.frame').waitFor();
	return page;
}

/** An alarm, or a report of somebody: its number. */
async function alarm(stack, at, point, kind) {
	await stack.press(at, point, 150);
	return until(`an incident of ${at}`, async () =>
		(await stack.incidents('open')).find((incident) => incident.post.id === at && incident.class === kind && incident.state === 'open')?.number, 15000, 30);
}

async function withDesk(run) {
	const plans = path.join(SOURCE, 'packaging/examples/plans-kendal.yaml');
	await withStack({ posts: ['boja-01', 'weleri-01'], store: null, plans }, async (stack) => {
		const token = /#setup=(\w+)/.exec(await until('the setup link', () => stack.setupLink()))[1];
		assert.equal((await post(stack, '/setup', { name: 'budi', display: 'Budi Santoso', password: PASSWORD, token })).status, 201);
		await userMake(stack, 'siti', { display: 'Siti Aminah', roles: 'administrator,supervisor,operator' });
		await userMake(stack, 'damkar', { display: 'Piket Damkar', roles: 'agency', unit: 'damkar-kendal' });
		await userMake(stack, 'tono', { roles: 'engineer' });
		await userMake(stack, 'audi', { roles: 'auditor' });
		for (const one of stack.posts) await until(`${one} to be connected`, async () => (await stack.edgeStatus(one)).server === 'connected', 20000);
		await withBrowser((open) => run(stack, open));
	});
}

test('the desk and those whom it calls', { timeout: 600000 }, async (t) => {
	let failed = false;
	const step = (name, run) => t.test(name, { skip: failed && 'a step before has failed' }, async () => {
		try {
			await run();
		} catch (error) {
			failed = true;
			throw error;
		}
	});
	await withDesk(async (stack, open) => {
		const [budi, siti] = [await login(stack, open, 'budi'), await login(stack, open, 'siti')];
		const desk = { budi, siti };
		let fire, crime, holder, other;

		await step('an alarm rings at both desks; of two who claim at once one has it, and the other is told who', async () => {
			fire = await alarm(stack, 'boja-01', 'panic-fire', 'fire');
			await Promise.all([rings(budi, 'alarm'), rings(siti, 'alarm')]);
			await Promise.all([budi.keyboard.press('a'), siti.keyboard.press('a')]);
			const by = await until('somebody to have it', async () => (await stack.api('GET', `/incidents/${fire}`)).body.acknowledged_by);
			holder = by.replace('user:', '');
			other = holder === 'budi' ? 'siti' : 'budi';
			await row(desk[other], fire).getByText(`sudah ditangani (${holder})`).waitFor();
			await Promise.all([rings(budi, ''), rings(siti, '')]);
			await shoot(desk[other], 'claimed-by-another');
			await row(desk[other], fire).getByRole('button', { name: 'Mengerti' }).click();
		});

		await step('each ring says whom it has called, who is next and when; a refusal in two keys and its reason calls the next', async () => {
			const page = desk[holder];
			await page.keyboard.press('Enter');
			const agencies = page.locator('[data-ring="agencies"]');
			await agencies.getByText(/berikutnya 0:\d\d: Pos Damkar Kendal/).waitFor();
			const first = await agencies.locator('.ring-next').textContent();
			await until('it to count down', async () => (await agencies.locator('.ring-next').textContent()) !== first);
			await page.locator('[data-call-state="notified"] .call-who').getByText('Pos Damkar Boja').waitFor();
			await shoot(page, 'calls');
			await checkAccess(page, 'calls');
			await page.keyboard.press('w');
			await page.getByText('Pos Damkar Boja: Menolak').waitFor();
			await shoot(page, 'calls-dialog');
			await checkAccess(page, 'calls, dialog');
			await page.keyboard.press('2');
			await page.keyboard.type('mobil rusak');
			await page.keyboard.press('Enter');
			const refused = page.locator('[data-call-state="refused"]');
			await refused.locator('.call-who').getByText('Pos Damkar Boja').waitFor();
			await refused.getByText(`kata ${holder}, alasan: mobil rusak`).waitFor();
			await page.locator('[data-call-state="notified"] .call-who').getByText('Pos Damkar Kendal').waitFor();
			// From the list, too, where nothing of the incident has been read yet.
			await desk[other].keyboard.press('w');
			await desk[other].getByText('Pos Damkar Kendal: Menyanggupi').waitFor();
			await desk[other].keyboard.press('Escape');
			await desk[other].keyboard.press('Escape');
			await page.getByRole('heading', { name: 'Pemberitahuan' }).waitFor();
			await page.locator('[data-notification]').first().waitFor();
		});

		await step('a post of the fire brigade sees on its telephone what it is called for, is rung until it answers, and says the rest by buttons', async () => {
			const page = await login(stack, open, 'damkar', PHONE);
			crime = await alarm(stack, 'weleri-01', 'panic-crime', 'crime');
			await row(page, fire).waitFor();
			await rings(page, 'alarm');
			assert.equal(await page.locator('.row').count(), 1, 'and nobody else\'s incident');
			assert.equal(await page.getByRole('navigation').getByRole('button').count(), 3);
			await shoot(page, 'agency-list');
			await checkAccess(page, 'agency, list');
			await page.getByRole('button', { name: 'Menyanggupi' }).click();
			await rings(page, '');
			await page.locator('.row-open').click();
			for (const [button, state] of [['Berangkat', 'dalam perjalanan'], ['Tiba di lokasi', 'di lokasi']]) {
				await page.locator('.own-call').getByRole('button', { name: button }).click();
				await page.locator('.own-call').getByText(state, { exact: true }).waitFor();
			}
			await shoot(page, 'agency-detail');
			await checkAccess(page, 'agency, detail');
			await desk[holder].locator('[data-call-state="on-scene"] > small').getByText('kata damkar').waitFor();
			await row(desk[holder], fire).getByText('Di lokasi').waitFor();
			await page.close();
		});

		await step('handing over: offered in two keys, seen by both, and accepted by one', async () => {
			const page = desk[holder];
			await page.keyboard.press('h');
			await page.getByText('halamannya terbuka').waitFor();
			await shoot(page, 'hand-over');
			await checkAccess(page, 'hand-over');
			await page.keyboard.press('1');
			await row(page, fire).getByText(`ditawarkan ke ${other}`).waitFor();
			assert.equal(await page.locator('#detail-title').count(), 1, 'the digit was for the dialog alone');
			await row(desk[other], fire).getByText('Ditawarkan kepada Anda').waitFor();
			await shoot(desk[other], 'offered');
			await row(desk[other], fire).locator('.row-open').click();
			await desk[other].locator('[data-offer="you"]').waitFor();
			await desk[other].keyboard.press('h');
			await row(page, fire).getByText(`oleh ${other}`).waitFor();
			await row(desk[other], fire).getByText(`oleh ${other}`).waitFor();
		});

		let gone;
		await step('whoever has claimed and is gone loses the claim; meanwhile the others look at their pages', async () => {
			await row(desk[other], crime).getByRole('button', { name: /Tangani/ }).click();
			await row(desk[holder], crime).getByText(`oleh ${other}`).waitFor();
			await rings(desk[holder], '');
			assert.deepEqual(desk[other].complaints, []);
			await desk[other].close();
			gone = Date.now();
		});

		await step('an engineer watches without being rung, and is offered nothing that would be refused', async () => {
			const page = await login(stack, open, 'tono');
			await row(page, fire).locator('.row-open').click();
			await page.getByText('Peran Anda melihat saja.').waitFor();
			assert.equal(await page.locator('.actions button, .answers button, .report-open, .sound').count(), 0);
			await page.keyboard.press('c');
			await page.locator('.toast').getByText('Ini bukan untuk peran Anda.').waitFor();
			assert.equal(await page.locator('dialog[open]').count(), 0);
			await page.keyboard.press('3');
			const boja = page.locator('[data-post="boja-01"]');
			await boja.getByRole('button', { name: 'Lihat kontak' }).click();
			await boja.getByText('Ketua RW 02 (contoh)').waitFor();
			await boja.getByRole('button', { name: 'Bunyikan' }).click();
			await page.keyboard.press('3');
			await page.keyboard.press('Enter');
			await page.locator('.toast').getByText('Perintah dikirim').waitFor();
			await checkAccess(page, 'engineer, posts');
			await page.keyboard.press('4');
			await page.locator('[data-contact="rw-boja-02"]').getByRole('button', { name: 'Uji' }).click();
			await page.locator('[data-contact="rw-boja-02"]').getByText('dikirim lewat SMS').waitFor();
			await checkAccess(page, 'engineer, plan');
			await page.close();
		});

		await step('an auditor sees the chain, whose hashes this browser has computed, and nothing else', async () => {
			const page = await login(stack, open, 'audi');
			await page.locator('[data-verdict="computed"]').getByText(/kejadian tersambung dan hash-nya cocok/).waitFor();
			await page.getByText('personal.viewed').first().waitFor();
			assert.doesNotMatch(await page.textContent('main'), /mobil rusak/, 'personal words are hashes');
			assert.equal(await page.locator('.sound, .banner').count(), 0);
			await shoot(page, 'audit');
			await checkAccess(page, 'audit');
			await page.setViewportSize(PHONE);
			await checkAccess(page, 'audit, phone');
			await page.close();
		});

		await step('a header is one line at 1280 pixels, and no page is cut on a wall', async () => {
			const page = desk[holder];
			assert.ok((await page.locator('.head').boundingBox()).height < 50, 'one line');
			await page.setViewportSize(WALL);
			for (const key of ['1', '2', '3', '4', '5']) {
				await page.keyboard.press(key);
				await checkAccess(page, `wall, page ${key}`);
			}
			await page.setViewportSize(DESK);
			await page.locator('main h1').click();
			await page.keyboard.press('1');
		});

		await step('... the claim is back at the desk, rings there again, and says whose page is gone', async () => {
			const page = desk[holder];
			await row(page, crime).getByText(`Kembali: ${other} terputus`).waitFor({ timeout: 90000 });
			t.diagnostic(`the claim was back ${Date.now() - gone} ms after its page was gone`);
			await rings(page, 'alarm');
			assert.match(await page.locator('[role="alert"]').first().textContent(), new RegExp(`${crime} kembali: halaman ${other} terputus`));
			await shoot(page, 'returned');
			await checkAccess(page, 'returned');
			await page.keyboard.press('1');
			await row(page, crime).getByRole('button', { name: /Tangani/ }).click();
			// The fire was held by the same, and rings too, though help is there.
			await row(page, fire).getByText('Di lokasi').waitFor();
			await row(page, fire).getByRole('button', { name: /Tangani/ }).click();
			await rings(page, '');
			await row(page, crime).getByText('terputus').waitFor({ state: 'detached' });
		});

		await step(`${PAYLOADS.length} payloads in notes come back as text, each in its own line of the timeline`, async () => {
			const page = desk[holder];
			const notes = PAYLOADS.filter(({ text }) => isAccepted(text, { max: 2000, lines: true }));
			for (let i = 0; i < notes.length; i += 12)
				await Promise.all(notes.slice(i, i + 12).map(({ text }) => stack.act(crime, 'note', { text })));
			await row(page, crime).locator('.row-open').click();
			await until('every note', async () => (await page.locator('.timeline li').getByText(/INJ\d{3}/).count()) >= notes.length, 30000);
			const shown = await page.locator('.timeline').textContent();
			for (const { mark } of notes) assert.ok(shown.includes(mark), mark);
			await inertOn(page, 'notes');
		});

		await step('every text of every answer of the server, each with every payload, is text on the page', async () => {
			await crafted(stack, desk[holder], crime);
		});

		await step('no page has complained: no script error, no broken policy, no dialog of the browser', () => {
			assert.deepEqual(desk[holder].complaints, []);
		});
	});
});

/** Each list of the answer has one row for each payload, whose every text is that payload; so are the texts outside lists, of one. */
function planted(value, payload, name = '') {
	if (typeof value === 'string') return payload.text;
	if (Array.isArray(value)) {
		if (value.length === 0) return value;
		const rowOf = (one, i) => planted(typeof value[0] === 'object' && value[0] !== null ? { ...value[0], ...(value[0].id > 0 ? { id: i + 1 } : {}) } : value[0], one);
		// A list within a row of a list has one row, or there would be ten thousand.
		return name === 'nested' ? [planted(value[0], payload, 'nested')] : PAYLOADS.map(rowOf);
	}
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, planted(one, payload, 'nested')]));
}

/** The answer itself, with its lists as above. */
const answerPlanted = (answer, payload) => Object.fromEntries(Object.entries(answer).map(([key, one]) => [key,
	Array.isArray(one) ? (one.length === 0 ? one : PAYLOADS.map((each, i) => planted(typeof one[0] === 'string' ? one[0] : { ...one[0], ...(one[0].id > 0 ? { id: i + 1 } : {}) }, each, 'nested')))
		: planted(one, payload, 'nested')]));

/** What the page must not have, whatever it was given. */
function found() {
	const allowed = new Set(('a aside b button code datalist dd dialog div dl dt fieldset form h1 h2 h3 header html body head input kbd label legend li link main meta nav noscript ol option '
		+ 'p q script section select small span strong summary svg path circle rect g textarea title ul').split(' '));
	const odd = [...document.querySelectorAll('*')].filter((element) => !allowed.has(element.localName)).map((element) => element.localName);
	if (document.scripts.length !== 1) odd.push(`${document.scripts.length} scripts`);
	for (const link of document.querySelectorAll('a')) if (!/^(tel:|#main$|otpauth:)/.test(link.getAttribute('href'))) odd.push(`link ${link.getAttribute('href')}`);
	for (const element of document.querySelectorAll('body *')) for (const { name } of element.attributes) if (name.startsWith('on')) odd.push(name);
	const text = document.body.textContent;
	// eslint-disable-next-line no-control-regex
	const turned = text.match(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u061c\ufeff]/g) ?? [];
	const cells = [...document.querySelectorAll('main li, main [role="row"]')].flatMap((cell) => {
		const box = cell.getBoundingClientRect();
		return [...cell.querySelectorAll('b, q, small, span:not(.hidden-text), a, button:not(.hidden-text), code')].map((piece) => piece.getBoundingClientRect())
			.filter((piece) => piece.width > 1 && (piece.left < box.left - 8 || piece.right > box.right + 2 || piece.top < box.top - 4 || piece.bottom > box.bottom + 4))
			.map(() => cell.textContent.slice(0, 60));
	});
	return { odd: [...new Set(odd)], turned, cells: [...new Set(cells)].slice(0, 5), wide: document.documentElement.scrollWidth > innerWidth, marks: new Set(text.match(/INJ\d{3}/g)).size };
}

async function inertOn(page, where) {
	const { odd, turned, cells, wide, marks } = await page.evaluate(found);
	assert.deepEqual(await page.evaluate(tooWide), [], `${where}: to be scrolled sideways`);
	assert.deepEqual({ odd, turned, cells, wide }, { odd: [], turned: [], cells: [], wide: false }, where);
	assert.deepEqual(page.complaints, [], where);
	return marks;
}

/** Shows each page with answers that hold nothing but payloads. */
async function crafted(stack, page, number) {
	const payload = { ...PAYLOADS[0] };
	const real = async (target) => (await page.request.get(`${stack.url}/api/v1${target}`)).json();
	await page.keyboard.press('1');
	const [detail, who] = [await real(`/incidents/${number}`), await real('/plan/who?post=boja-01&class=fire')];
	const names = (object) => Object.fromEntries(PAYLOADS.map(({ text }) => [text, planted(Object.values(object)[0], { text }, 'nested')]));
	await page.route(/\/api\/v1\/(incidents|posts|plan|desk|users)(\?|\/|$)/, async (route) => {
		if (route.request().method() !== 'GET') return route.continue();
		const { pathname } = new URL(route.request().url());
		if (/\/incidents\/./.test(pathname)) {
			const whole = (payload.light ? planted : answerPlanted)(detail, payload, 'nested');
			return route.fulfill({ json: { ...whole, number: decodeURIComponent(pathname.split('/').at(-1)), state: 'open', class: 'fire' } });
		}
		if (/\/who$/.test(pathname)) return route.fulfill({ json: answerPlanted(who, payload) });
		const answer = await (await route.fetch()).json();
		if (/\/plan$/.test(pathname))
			return route.fulfill({ json: { ...answer, plan: { ...answer.plan, contacts: names(answer.plan.contacts), agencies: names(answer.plan.agencies), plans: names(answer.plan.plans) } } });
		return route.fulfill({ json: answerPlanted(answer, payload) });
	});
	const wanted = PAYLOADS.length - 3; // a text that a fixed word stands before, or that is cut, may hide a few
	for (const [where, key, ready] of [['incidents', '1', '.row'], ['history', '2', '.row'], ['posts', '3', '.post'], ['plan', '4', '[data-contact]'], ['accounts', '5', '.user-row']]) {
		await page.keyboard.press(key);
		await page.reload();
		await page.locator('.frame').waitFor();
		await page.keyboard.press(key);
		await until(`${where} with payloads`, async () => (await page.locator(ready).count()) >= PAYLOADS.length, 30000);
		const marks = await inertOn(page, where);
		assert.ok(marks >= wanted, `${where}: ${marks} marks`);
		if (where === 'incidents') await details(page, payload);
	}
	await page.unroute(/\/api\/v1\/(incidents|posts|plan|desk|users)(\?|\/|$)/);
}

/** Beside its lists a detail has texts of its own: they are shown once for each payload, beside one row after the other. */
async function details(page, payload) {
	await page.locator('.row-open').first().click();
	for (const [i, { text, mark }] of PAYLOADS.entries()) {
		payload.text = text;
		await page.keyboard.press('j');
		if (i === PAYLOADS.length - 1) await page.locator('.row-open').first().click();
		await page.locator('.detail .facts').getByText(new RegExp(mark)).first().waitFor();
		if (i % 12 === 0) await inertOn(page, `detail ${mark}`);
		payload.light = true; // its lists have been seen
	}
	await shoot(page, 'payloads');
}
