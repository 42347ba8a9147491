// Run by the build: every RPC in a set of descriptors must declare who may call it,
// and one about a workspace must name it. Exit code 1 and a line for each that does
// not.
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include <google/protobuf/descriptor.pb.h>

#include "openseer/v1/access.pb.h"

namespace {

namespace pb = google::protobuf;
namespace v1 = openseer::v1;

bool is_about_a_workspace(v1::Access access) {
  return access == v1::ACCESS_VIEWER || access == v1::ACCESS_EDITOR || access == v1::ACCESS_ADMIN ||
         access == v1::ACCESS_OWNER;
}

bool names_a_workspace(const pb::DescriptorProto& request) {
  for (const pb::FieldDescriptorProto& field : request.field()) {
    if (field.name() == "workspace_id") {
      return field.type() == pb::FieldDescriptorProto::TYPE_STRING &&
             field.label() != pb::FieldDescriptorProto::LABEL_REPEATED;
    }
  }
  return false;
}

std::string problem_of(const pb::MethodDescriptorProto& method,
                       const std::map<std::string, const pb::DescriptorProto*>& messages) {
  const v1::Access access = method.options().GetExtension(v1::access);
  if (access == v1::ACCESS_UNSPECIFIED) return "declares no access";
  if (!is_about_a_workspace(access)) return "";
  const auto request = messages.find(method.input_type());
  if (request == messages.end() || !names_a_workspace(*request->second))
    return "needs a workspace_id in its request";
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  pb::FileDescriptorSet files;
  std::ifstream in(argc == 2 ? argv[1] : "");
  if (!in || !files.ParseFromIstream(&in)) {
    std::cerr << "usage: check_access DESCRIPTORS\n";
    return 2;
  }
  std::map<std::string, const pb::DescriptorProto*> messages;
  for (const pb::FileDescriptorProto& file : files.file()) {
    for (const pb::DescriptorProto& message : file.message_type())
      messages["." + file.package() + "." + message.name()] = &message;
  }
  int problems = 0;
  for (const pb::FileDescriptorProto& file : files.file()) {
    for (const pb::ServiceDescriptorProto& service : file.service()) {
      for (const pb::MethodDescriptorProto& method : service.method()) {
        const std::string problem = problem_of(method, messages);
        if (problem.empty()) continue;
        std::cerr << "proto/" << file.name() << ": rpc " << service.name() << "." << method.name() << " "
                  << problem << '\n';
        ++problems;
      }
    }
  }
  return problems == 0 ? 0 : 1;
}
