# One library per folder of src/; the links repeat the table in
# docs/architecture.md, and scripts/check-layers compares the includes with it.

include(${CMAKE_SOURCE_DIR}/cmake/tls.cmake)

# Boost.Asio and OpenSSL-based Asio are compiled once (BOOST_ASIO_SEPARATE_COMPILATION).
add_library(openseer_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_compile_definitions(openseer_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                           BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
target_link_libraries(openseer_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_options(openseer_asio PRIVATE -w)
target_precompile_headers(openseer_asio PUBLIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)

function(openseer_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(openseer_${name} STATIC ${sources})
  target_include_directories(openseer_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_precompile_headers(openseer_${name} REUSE_FROM openseer_asio)
  target_link_libraries(openseer_${name} PUBLIC openseer_asio ${ARGN})
endfunction()

openseer_layer(base)
target_compile_definitions(openseer_base PUBLIC OPENSEER_VERSION="${OPENSEER_VERSION}")
openseer_layer(domain openseer_base)
target_link_libraries(openseer_domain PRIVATE ${RE2_LIBRARY} Boost::json)
openseer_layer(pg openseer_base PkgConfig::PQ)
openseer_layer(http openseer_base openseer_proto PkgConfig::CURL PkgConfig::BROTLI ZLIB::ZLIB Boost::url)
openseer_layer(pki openseer_base)
openseer_layer(probe openseer_domain PkgConfig::CARES PkgConfig::NGHTTP2 PkgConfig::BROTLI PkgConfig::ZSTD PkgConfig::IDN2
               ZLIB::ZLIB Boost::url Boost::json)
openseer_probe_tls()
openseer_layer(wire openseer_domain openseer_proto)
openseer_layer(store openseer_domain openseer_pg openseer_pki)
openseer_layer(control openseer_store openseer_wire openseer_http openseer_pki openseer_grpc PkgConfig::ARGON2)
add_dependencies(openseer_control openseer_access)
openseer_layer(worker openseer_probe openseer_wire openseer_http openseer_pki openseer_grpc)
openseer_layer(cli openseer_probe openseer_wire)
openseer_layer(app openseer_control openseer_worker openseer_cli)

openseer_embed_web(openseer_web)
openseer_embed_migrations(openseer_migrations)
target_link_libraries(openseer_app PUBLIC openseer_web openseer_migrations)

add_executable(openseer ${CMAKE_SOURCE_DIR}/src/main.cpp)
target_link_libraries(openseer PRIVATE openseer_app)

# What tests of several layers share: a private PostgreSQL with a database per
# suite, temporary directories, local servers.
file(GLOB support CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.cpp)
if(NOT support)
  set(support ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
endif()
add_library(openseer_test_support STATIC ${support})
target_include_directories(openseer_test_support PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_precompile_headers(openseer_test_support REUSE_FROM openseer_asio)
target_link_libraries(openseer_test_support PUBLIC openseer_store openseer_migrations GTest::gtest)
