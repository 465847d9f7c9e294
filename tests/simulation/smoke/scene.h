/* SPDX-License-Identifier: Apache-2.0 */
/* scene.h -- one seed of one post: presses, crashes, power cuts and a bad disk for ten minutes;
 * then everything heals. */
#ifndef SMOKE_SCENE_H
#define SMOKE_SCENE_H

#include <stdint.h>

/* The whole run, in this process's one world. Returns how many presses were made. */
uint64_t scene_run(uint64_t seed);

#endif
