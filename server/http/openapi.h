/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.h -- docs/openapi.json, built into the program (the .c is made of it by CMake). */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include <stddef.h>

extern const unsigned char pp_openapi_text[];
extern const size_t pp_openapi_length;

#endif
