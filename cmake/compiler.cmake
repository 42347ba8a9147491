# Compiler and linker flags, ccache, hardening, sanitizers.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are cached only with these settings.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Xclang> $<$<COMPILE_LANGUAGE:CXX>:-fno-pch-timestamp>)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-unused-command-line-argument
                    -fstack-protector-strong -gz)
add_link_options(-fuse-ld=lld -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections)
add_compile_options(-ffunction-sections -fdata-sections)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
include(CheckPIESupported)
check_pie_supported()
# Executables share the libraries' precompiled header, which -fPIE would not fit;
# -fPIC code links into a PIE as well.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)

if(OPENSEER_SANITIZE)
  # Without vptr: that check opens a pipe to look at memory, and so reports a
  # fault wherever a test runs out of descriptors on purpose.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=address,undefined)
endif()
