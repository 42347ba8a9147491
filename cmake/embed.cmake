# Files that travel inside the binary, by .incbin: the web UI (with brotli and
# gzip forms made at build time) and the migrations. cmake/embed.py writes the
# assembly and the table; src/http/assets.h declares what it looks like.

find_program(PYTHON3 python3 REQUIRED)
set(EMBED ${PYTHON3} ${CMAKE_SOURCE_DIR}/cmake/embed.py)
enable_language(ASM)

function(openseer_embed target symbol directory compress)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${directory}/*)
  set(out ${CMAKE_BINARY_DIR}/embed/${target})
  add_custom_command(
    OUTPUT ${out}.S ${out}.cpp
    COMMAND ${EMBED} ${symbol} ${directory} ${out} ${compress}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.py VERBATIM)
  add_library(${target} STATIC ${out}.S ${out}.cpp)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
endfunction()

function(openseer_embed_web target)
  openseer_embed(${target} web_assets ${CMAKE_SOURCE_DIR}/web/out --compress)
endfunction()

function(openseer_embed_migrations target)
  openseer_embed(${target} migration_files ${CMAKE_SOURCE_DIR}/migrations --plain)
endfunction()
