// SPDX-License-Identifier: Apache-2.0
// posts.tsx -- every post: its state, when it was last heard, its points, what is wrong with it.
import { useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal, call } from '../api';
import { now } from '../clock';
import { actorParts, dialable } from '../format';
import { modeEnd, order } from '../gathering';
import { language, t, word } from '../i18n';
import * as state from '../state';
import { pageSet, showIncident } from '../store';
import type { Point, Post, Trouble } from '../types';
import { ClassBadge, PostBadge, ageText, clockText, momentText, placeText } from './parts';

/** The list of incidents has them all. */
const INCIDENTS_SHOWN = 6;
const WORST = ['alarm', 'unsupervised', 'trouble', 'unknown', 'normal'];

/** What needs a person comes first. */
const sorted = (posts: readonly Post[]): Post[] => [...posts].sort((a, b) =>
	Number(b.active) - Number(a.active) || WORST.indexOf(a.state) - WORST.indexOf(b.state) || (a.name ?? '').localeCompare(b.name ?? ''));

function labelOf(post: Post, id: string): string {
	const point = post.points.find((known) => known.id === id);
	return (language.value === 'id' ? point?.label_id : point?.label_en) || id || t('posts.post-itself');
}

/** "Crime button: stuck"; the kind is left out where it is the point's own. */
function troubleText(post: Post, { point, kind }: Trouble): string {
	const label = labelOf(post, point);
	return post.points.some((known) => known.id === point && known.kind === kind) ? label : `${label}: ${word('kind', kind)}`;
}

function Troubles({ post }: { post: Post }) {
	if (post.troubles.length === 0) return null;
	return (
		<ul class="troubles" aria-label={t('posts.troubles')}>
			{post.troubles.map((trouble) => (
				<li key={`${trouble.point} ${trouble.kind}`}>
					<b>{troubleText(post, trouble)}</b>{' '}
					<small>{t('posts.since', { time: momentText(trouble.since) })}{trouble.detail && trouble.detail !== trouble.kind && `, ${trouble.detail}`}</small>
				</li>
			))}
		</ul>
	);
}

/** A trouble that has been told is newer than the state that the post sends every few seconds. */
function stateOf(post: Post, point: Point): string {
	return point.state === 'normal' && post.troubles.some((trouble) => trouble.point === point.id) ? 'trouble' : point.state;
}

function Points({ post }: { post: Post }) {
	return (
		<ul class="points" aria-label={t('posts.points')}>
			{post.points.map((point) => (
				<li key={point.id} class="point">
					{labelOf(post, point.id)}
					{point.silent && <small> ({t('mark.silent')})</small>}
					<PostBadge state={stateOf(post, point)} />
				</li>
			))}
		</ul>
	);
}

/** What is tested or disabled, until when, by whom and why. */
function Modes({ post }: { post: Post }) {
	const [problem, problemSet] = useState<string | null>(null);
	return (
		<>
			{post.modes.length > 0 && (
				<ul class="troubles modes" aria-label={t('mode.test')}>
					{post.modes.map((mode) => (
						<li key={`${mode.mode} ${mode.point}`} data-mode={mode.mode}>
							<b>{word('mode', mode.mode)}: {mode.point ? labelOf(post, mode.point) : t('mode.whole')}</b>{' '}
							<small>{t('mode.until', { time: momentText(mode.until), name: actorParts(mode.owner).name, reason: mode.reason })}</small>{' '}
							{state.may('mode') && <button type="button" onClick={() => void modeEnd(post.id, mode.mode, mode.point).then(problemSet)}>{t('mode.end')}</button>}
						</li>
					))}
				</ul>
			)}
			{problem && <p class="problem">{problem}</p>}
			<p class="mode-buttons">
				{state.may('mode') && <button type="button" onClick={() => { state.dialog.value = { kind: 'mode', post: post.id, mode: 'test' }; }}>{t('mode.begin-test')}</button>}
				{state.may('mode') && <button type="button" onClick={() => { state.dialog.value = { kind: 'mode', post: post.id, mode: 'drill' }; }}>{t('mode.begin-drill')}</button>}
				{state.may('mode') && post.points.length > 0 && <button type="button" onClick={() => { state.dialog.value = { kind: 'mode', post: post.id, mode: 'disabled' }; }}>{t('mode.begin-disabled')}</button>}
				{state.may('sound') && <button type="button" onClick={() => { state.dialog.value = { kind: 'sound', post: post.id }; }}>{t('sound.begin')}</button>}
				{state.may('sound') && <button type="button" onClick={() => void order(post.id, 'silence', {}).then(problemSet)}>{t('sound.end')}</button>}
			</p>
		</>
	);
}

/** Names and numbers are shown to whoever asks for them by name, and that he has asked stands in the chain. */
function Contact({ post }: { post: Post }) {
	const [contact, contactSet] = useState<{ name: string | null; phone: string | null } | null>(null);
	const [problem, problemSet] = useState('');
	if (!post.contact_masked && !post.contact_name) return null;
	const shown = contact ?? (post.contact_masked ? null : { name: post.contact_name, phone: post.contact_phone });
	const number = dialable(shown?.phone ?? '');
	const ask = (): void => {
		call<{ name: string | null; phone: string | null }>(`/posts/${encodeURIComponent(post.id)}/contact`).then(contactSet, (error: unknown) =>
			problemSet(error instanceof Refusal && error.status !== 0 ? reasonText(error.message) : t('form.no-answer')));
	};
	return (
		<p>
			<small>{t('detail.contact')}: </small>
			{shown ? <>{shown.name ?? t('detail.no-contact')} {shown.phone && (number ? <a href={`tel:${number}`}>{shown.phone}</a> : <span>{shown.phone}</span>)}</>
				: state.may('contact') ? <button type="button" onClick={ask}>{t('posts.contact')}</button> : <small>{t('detail.contact-masked')}</small>}
			{problem && <span class="problem">{problem}</span>}
		</p>
	);
}

function PostCard({ post }: { post: Post }) {
	return (
		<li class={`post post-card-${post.state.replace(/[^a-z]/g, '')}`} data-post={post.id}>
			<div class="post-head">
				<h2>{post.name}</h2>
				<PostBadge state={post.state} />
				{!post.active && <b class="mark">{t(post.revoked ? 'posts.revoked' : 'posts.inactive')}</b>}
			</div>
			<p class="post-place">{placeText(post)} <small>{post.id}</small></p>
			<p>
				<b>{post.last_state === null ? t('posts.never') : t('posts.heard', { age: ageText(now.value - post.last_state) })}</b>
				{post.version && <small>, {t('posts.version', { version: post.version })}</small>}
			</p>
			{post.incidents.length > 0 && (
				<p class="post-incidents">
					{post.incidents.slice(0, INCIDENTS_SHOWN).map((incident) => (
						<button key={incident.number} type="button" onClick={() => { pageSet('incidents'); showIncident(incident.number); }}>
							<ClassBadge name={incident.class} /> <span class="hidden-text">{t('posts.incidents')} </span>{incident.number}
						</button>
					))}
					{post.incidents.length > INCIDENTS_SHOWN && <small>{t('posts.more', { n: post.incidents.length - INCIDENTS_SHOWN })}</small>}
				</p>
			)}
			<Troubles post={post} />
			<Points post={post} />
			<Modes post={post} />
			<Contact post={post} />
		</li>
	);
}

export function Posts() {
	const posts = state.posts.value;
	const readAt = state.postsReadAt.value;
	return (
		<main id="main" class="posts" tabIndex={-1}>
			<h1 class="title">
				{t('posts.title')}
				{state.postsInNeed.value > 0 && <small class="unclaimed">{t('posts.need', { n: state.postsInNeed.value })}</small>}
				{readAt !== null && <small>{t('posts.as-of', { time: clockText(now.value - (Date.now() - readAt)) })}</small>}
			</h1>
			{posts === null && <p class="nothing">{t('detail.loading')}</p>}
			{posts?.length === 0 && <p class="nothing">{t('posts.none')}</p>}
			<ul class="post-list">{posts && sorted(posts).map((post) => <PostCard key={post.id} post={post} />)}</ul>
		</main>
	);
}
