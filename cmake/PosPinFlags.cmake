# SPDX-License-Identifier: Apache-2.0
# The flags that every target is compiled with. Asserts stay on in release: a broken promise of our own must stop the program.
add_compile_definitions(_GNU_SOURCE POSPIN_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-Wvla -Wpointer-arith -Wcast-qual -Wundef -fno-common -fstack-protector-strong)
if(POSPIN_WERROR)
	add_compile_options(-Werror)
endif()
if(POSPIN_SANITIZE)
	add_compile_options(-fsanitize=${POSPIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	add_link_options(-fsanitize=${POSPIN_SANITIZE})
endif()
if(POSPIN_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
