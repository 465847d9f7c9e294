// SPDX-License-Identifier: Apache-2.0
// people.mjs -- who presses buttons, and who works the incidents: at moments of chance, as far as the programs let them.
import net from 'node:net';
import { pause } from '../../../scripts/lib/parts.mjs';
import { monoNow } from './chronicle.mjs';
import { pick } from './plan.mjs';

const BUTTONS = { 'panic-crime': 'crime', 'panic-fire': 'fire', 'panic-medical': 'medical', 'panic-silent': 'crime' };
/** Seldom enough that no button chatters and no incident becomes a storm. */
const PRESS_EVERY_MS = [900, 1700];
const ANSWER_MS = 60000; // longer than any fault
const PROMPT_MS = 120; // an answer within this time: the wire moved when it was told to
const SEQUENCE = { open: 'acknowledge', acknowledged: 'dispatch', dispatched: 'on-scene', 'on-scene': 'close' };
const BODY = { dispatch: { unit: 'Regu 1' }, close: { code: 'real' } };

/** One line to a post's wires and its answer; waits as long as the agent is stopped, but not for one that has ended. */
function ask(socketPath, line) {
	return new Promise((resolve, reject) => {
		const socket = net.connect(socketPath);
		let text = '';
		socket.setEncoding('utf8').setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer to '${line}'`)));
		socket.on('data', (data) => {
			text += data;
			if (text.includes('\n')) { resolve(text.split('\n', 1)[0]); socket.destroy(); }
		});
		socket.once('error', reject).once('close', () => reject(new Error('it ended')));
		socket.write(`${line}\n`);
	});
}

/** The ledger of presses: what was truly done at the wires, whatever became of it. */
export class Presser {
	constructor(rig, post, next) { Object.assign(this, { rig, post, next, presses: [], over: false, turn: 0 }); }

	/** Presses until over. */
	async run() {
		const buttons = Object.keys(BUTTONS);
		while (!this.over) {
			await pause(PRESS_EVERY_MS[0] + this.next() * (PRESS_EVERY_MS[1] - PRESS_EVERY_MS[0]));
			if (this.over || !this.rig.isUp(this.post)) continue;
			await this.press(buttons[this.turn++ % buttons.length], Math.round(80 + this.next() * 400));
		}
	}

	/** The wire is played inside the agent, so it moves when the agent hears of it: between `asked` and `answered`. */
	async press(point, ms) {
		const { rig, post } = this;
		const press = { point, ms, asked: monoNow(), run: rig.wardens[post].starts };
		try {
			press.ok = (await ask(rig.stack.path('sock', `${post}.wires`), `press ${point} ${ms}`)) === 'ok';
		} catch {
			press.ok = null; // it may have moved
		}
		press.answered = monoNow();
		if (press.ok !== false) this.presses.push(press);
	}

	static points() { return BUTTONS; }
}

/** Writes presses and releases into the history. A press whose moment is known by its row alone (the agent was stopped, or ended before it
 *  could answer) has that moment; one that was not answered and left no row never moved a wire. */
export function settlePresses(chronicle, presser, rowsOf, endings) {
	for (const press of presser.presses) {
		if (press.told !== undefined) continue;
		const prompt = press.ok && press.answered - press.asked <= PROMPT_MS;
		const row = prompt ? null : rowsOf(press.point).find(({ mono }) => mono >= press.asked && mono <= press.answered + 1);
		if (!press.ok && !row) continue;
		const moment = chronicle.at(row ? row.mono : prompt ? press.asked : press.answered);
		press.told = moment;
		chronicle.say('press', { post: presser.post, point: press.point, who: 'warga' }, moment);
		const end = endings.find((t) => t >= moment) ?? Infinity;
		chronicle.say('release', { post: presser.post, point: press.point }, Math.min(moment + press.ms, end));
	}
}

/** Works incidents: one step of one of them every half second or so. */
export async function work(rig, chronicle, next, isOver) {
	while (!isOver()) {
		await pause(300 + next() * 500);
		try {
			const open = (await rig.stack.incidents('open')).filter(({ state }) => SEQUENCE[state]);
			if (open.length) await step(rig, chronicle, pick(next, open));
		} catch {
			// Nobody answers: people try again.
		}
	}
}
async function step(rig, chronicle, { number, state }) {
	const move = SEQUENCE[state];
	const answer = await rig.stack.act(number, move, BODY[move]).catch(() => null);
	chronicle.say('act', { who: 'ctl:root', move, incident: number, ...(answer ? { ok: answer.status === 200 } : {}) });
}
