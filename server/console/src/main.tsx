// SPDX-License-Identifier: Apache-2.0
// main.tsx -- starts the page.
import { render } from 'preact';
import { sessionStart } from './session';
import { armOnFirstGesture, soundFollow } from './sound';
import * as state from './state';
import { validityFollow } from './validity';
import { App } from './views/app';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');
soundFollow(() => state.ring.value);
armOnFirstGesture();
validityFollow();
render(<App />, root);
void sessionStart();
