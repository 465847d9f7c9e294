# SPDX-License-Identifier: Apache-2.0
# cmake -DFILE=in -DOUT=out.c -DNAME=pp_x -P Embed.cmake: a file as `const unsigned char NAME_text[]` and `const size_t NAME_length`.
file(READ ${FILE} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include <stddef.h>\n\nextern const unsigned char ${NAME}_text[];\nextern const size_t ${NAME}_length;\n"
	"const unsigned char ${NAME}_text[] = {${bytes}};\nconst size_t ${NAME}_length = ${length};\n")
