# The TLS library of the probe. OpenSSL is the system's, which everything else uses
# too. AWS-LC has the same names for other code, and half the cost of a handshake: it
# is bound to the files of src/probe/tls in one object that keeps its symbols to
# itself, so that gRPC and libpq go on with OpenSSL.
#
#   cmake -DOPENSEER_TLS=awslc -DOPENSEER_AWSLC_PREFIX=/opt/aws-lc ...
#
# AWS-LC is built with -DCMAKE_POSITION_INDEPENDENT_CODE=ON.

set(OPENSEER_TLS openssl CACHE STRING "The TLS library of the probe: openssl or awslc")
set_property(CACHE OPENSEER_TLS PROPERTY STRINGS openssl awslc)
set(OPENSEER_AWSLC_PREFIX /opt/aws-lc CACHE PATH "Where AWS-LC is installed")

function(openseer_probe_tls)
  if(OPENSEER_TLS STREQUAL openssl)
    return()
  elseif(NOT OPENSEER_TLS STREQUAL awslc)
    message(FATAL_ERROR "OPENSEER_TLS is openssl or awslc, not ${OPENSEER_TLS}")
  endif()
  foreach(library ssl crypto)
    find_library(AWSLC_${library} lib${library}.a PATHS ${OPENSEER_AWSLC_PREFIX} PATH_SUFFIXES lib lib64
                 NO_DEFAULT_PATH REQUIRED)
  endforeach()
  find_program(GNU_LD ld.bfd REQUIRED)

  get_target_property(sources openseer_probe SOURCES)
  set(tls ${sources})
  list(FILTER tls INCLUDE REGEX "/probe/tls/")
  list(FILTER sources EXCLUDE REGEX "/probe/tls/")
  add_library(openseer_probe_tls OBJECT ${tls})
  target_include_directories(openseer_probe_tls BEFORE PRIVATE ${OPENSEER_AWSLC_PREFIX}/include
                             ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(openseer_probe_tls PRIVATE
                             $<TARGET_PROPERTY:openseer_asio,INTERFACE_COMPILE_DEFINITIONS>)

  # Groups of sections are dissolved: they would be merged with their namesakes in
  # other objects, which are public there.
  set(object ${CMAKE_BINARY_DIR}/probe_tls.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${GNU_LD} -r --force-group-allocation -o ${object} $<TARGET_OBJECTS:openseer_probe_tls>
            ${AWSLC_ssl} ${AWSLC_crypto}
    COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=_ZN*8openseer5probe3tls*
            --keep-global-symbol=_ZT*8openseer5probe3tls* ${object}
    DEPENDS openseer_probe_tls $<TARGET_OBJECTS:openseer_probe_tls> COMMAND_EXPAND_LISTS VERBATIM)
  set_target_properties(openseer_probe PROPERTIES SOURCES "${sources}")
  target_sources(openseer_probe PRIVATE ${object})
endfunction()
