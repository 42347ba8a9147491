# Generates C++ from proto/: messages into openseer_proto, the worker stream's
# gRPC service into openseer_grpc. Generated code is never committed.

file(GLOB OPENSEER_PROTOS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/openseer/v1/*.proto
     ${CMAKE_SOURCE_DIR}/proto/google/rpc/*.proto)
set(PROTO_OUT ${CMAKE_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${PROTO_OUT})

foreach(proto ${OPENSEER_PROTOS})
  file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR}/proto ${proto})
  string(REPLACE ".proto" "" stem ${rel})
  add_custom_command(
    OUTPUT ${PROTO_OUT}/${stem}.pb.cc ${PROTO_OUT}/${stem}.pb.h
    COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/proto --cpp_out=${PROTO_OUT} ${proto}
    DEPENDS ${OPENSEER_PROTOS} VERBATIM)
  list(APPEND PROTO_SOURCES ${PROTO_OUT}/${stem}.pb.cc)
endforeach()

set(STREAM openseer/v1/worker_stream_service)
add_custom_command(
  OUTPUT ${PROTO_OUT}/${STREAM}.grpc.pb.cc ${PROTO_OUT}/${STREAM}.grpc.pb.h
  COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/proto --grpc_out=${PROTO_OUT}
          --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${CMAKE_SOURCE_DIR}/proto/${STREAM}.proto
  DEPENDS ${OPENSEER_PROTOS} VERBATIM)

# The names of the API's files, so that what checks every RPC cannot miss one.
set(names "")
foreach(proto ${OPENSEER_PROTOS})
  file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR}/proto ${proto})
  if(rel MATCHES "^openseer/")
    string(APPEND names "    \"${rel}\",\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${PROTO_OUT}/openseer/v1/files.h CONTENT
"#pragma once\n\nnamespace openseer::v1 {\ninline constexpr const char* kFiles[] = {\n${names}};\n}  // namespace openseer::v1\n"
     @ONLY)

add_library(openseer_proto STATIC ${PROTO_SOURCES})
target_include_directories(openseer_proto SYSTEM PUBLIC ${PROTO_OUT})
target_link_libraries(openseer_proto PUBLIC protobuf::libprotobuf)
target_compile_options(openseer_proto PRIVATE -w)

add_library(openseer_grpc STATIC ${PROTO_OUT}/${STREAM}.grpc.pb.cc)
target_link_libraries(openseer_grpc PUBLIC openseer_proto PkgConfig::GRPC)
target_compile_options(openseer_grpc PRIVATE -w)

# An RPC without a declared access fails the build (proto/check_access.cpp).
add_executable(check_access ${CMAKE_SOURCE_DIR}/proto/check_access.cpp)
target_link_libraries(check_access PRIVATE openseer_proto)
add_custom_command(
  OUTPUT ${PROTO_OUT}/access.checked
  COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/proto --include_imports
          --descriptor_set_out=${PROTO_OUT}/openseer.descriptors ${OPENSEER_PROTOS}
  COMMAND check_access ${PROTO_OUT}/openseer.descriptors
  COMMAND ${CMAKE_COMMAND} -E touch ${PROTO_OUT}/access.checked
  DEPENDS ${OPENSEER_PROTOS} check_access VERBATIM)
add_custom_target(openseer_access DEPENDS ${PROTO_OUT}/access.checked)
