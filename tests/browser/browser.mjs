// SPDX-License-Identifier: Apache-2.0
// browser.mjs -- a Chromium whose page tells what it complained of, how loud it is, and what axe finds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { SOURCE } from '../../scripts/lib/stack.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = path.join(SOURCE, 'build/screenshots');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

export const DESK = { width: 1280, height: 720 };
export const WALL = { width: 1920, height: 1080 };
export const PHONE = { width: 390, height: 844 };

/** Listens to whatever the page sends to the loudspeaker. */
function listen() {
	const { connect } = AudioNode.prototype;
	AudioNode.prototype.connect = function heard(target, ...rest) {
		if (target instanceof AudioDestinationNode) {
			globalThis.analyser ??= target.context.createAnalyser();
			globalThis.analyser.fftSize = 32768;
			connect.call(this, globalThis.analyser);
		}
		return connect.call(this, target, ...rest);
	};
	addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
}

function loudness() {
	const { analyser } = globalThis;
	if (!analyser) return 0;
	const samples = new Float32Array(analyser.fftSize);
	analyser.getFloatTimeDomainData(samples);
	return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

/** Gives `run` a way to open pages, each as if in a browser of its own. `page.complaints` collects script errors, policy violations and
 *  dialogs; refused requests are no such. */
export async function withBrowser(run) {
	mkdirSync(SHOTS, { recursive: true });
	const executablePath = execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
	const browser = await chromium.launch({ executablePath, args: FLAGS });
	const open = async (viewport = DESK) => {
		const context = await browser.newContext({ viewport, colorScheme: 'dark', reducedMotion: 'reduce' });
		const page = await context.newPage();
		page.setDefaultTimeout(15000);
		page.complaints = [];
		page.on('pageerror', (error) => page.complaints.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.complaints.push(message.text());
		});
		page.on('dialog', async (dialog) => {
			page.complaints.push(`dialog: ${dialog.message()}`);
			await dialog.dismiss();
		});
		await page.addInitScript(listen);
		return page;
	};
	try {
		await run(open);
	} finally {
		await browser.close();
	}
}

export const withPage = (run) => withBrowser(async (open) => run(await open()));

export const loudnessOf = (page) => page.evaluate(loudness);
export const shoot = (page, name) => page.screenshot({ path: path.join(SHOTS, `${name}.png`) });

/** What is cut off at its side unless somebody scrolls there. */
export function tooWide() {
	return [...document.querySelectorAll('main, main *')].filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth)
		.map((element) => `${element.tagName} ${element.className}`);
}

/** WCAG A and AA, and what axe calls best practice. */
export async function checkAccess(page, where) {
	const { violations } = await page.evaluate(`${AXE};axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })`);
	assert.deepEqual(violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target).join(' | ')}`), [], where);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where}: wider than the window`);
	assert.deepEqual(await page.evaluate(tooWide), [], `${where}: to be scrolled sideways`);
}
