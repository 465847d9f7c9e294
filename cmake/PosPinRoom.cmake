# SPDX-License-Identifier: Apache-2.0
# A room is a static library that exposes only its own include/ folder, so that a header of a room
# which it does not name under USES does not compile. Every module has a unit test, or configuring stops.

# pospin_room(NAME MODULES a b ... [USES room ...] [LIBRARIES foreign ...])
#   a.c lives in the room's folder, its public header in include/, its test in
#   tests/unit/<room's folder>/a_test.c. LIBRARIES are private: their headers stay behind the adapter.
#   A test of more than one subject: after it, pospin_unit_test(NAME <room's folder> a_subject).
function(pospin_room NAME)
	cmake_parse_arguments(ROOM "" "" "MODULES;USES;LIBRARIES" ${ARGN})
	set(sources ${ROOM_MODULES})
	list(TRANSFORM sources APPEND .c)
	add_library(${NAME} STATIC ${sources})
	target_include_directories(${NAME} PUBLIC include PRIVATE .)
	target_link_libraries(${NAME} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_LIBRARIES})
	file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
	set_property(GLOBAL APPEND PROPERTY POSPIN_ROOMS "${NAME}|${folder}|${ROOM_USES}")
	foreach(module ${ROOM_MODULES})
		pospin_unit_test(${NAME} ${folder} ${module})
	endforeach()
endfunction()

function(pospin_unit_test room folder module)
	set(source ${PROJECT_SOURCE_DIR}/tests/unit/${folder}/${module}_test.c)
	if(NOT EXISTS ${source})
		message(FATAL_ERROR "${folder}/${module}.c has no unit test: write tests/unit/${folder}/${module}_test.c")
	endif()
	string(REPLACE "/" "." name "unit.${folder}.${module}")
	add_executable(${name} ${source})
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support ${PROJECT_SOURCE_DIR}/${folder})
	target_link_libraries(${name} PRIVATE ${room} cmocka)
	target_compile_definitions(${name} PRIVATE POSPIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
	target_sources(${name} PRIVATE $<TARGET_OBJECTS:memory_fails>)
	target_link_options(${name} PRIVATE LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup)
	add_test(NAME ${name} COMMAND ${name})
	set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()
