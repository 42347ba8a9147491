// The build's own check of the access policies, on descriptors that are not right.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "openseer/v1/access.pb.h"

namespace openseer::control {
namespace {

namespace pb = google::protobuf;

class CheckAccess : public testing::Test {
 protected:
  CheckAccess() {
    pb::FileDescriptorProto& file = *files_.add_file();
    file.set_name("openseer/v1/new_service.proto");
    file.set_package("openseer.v1");
    request_ = file.add_message_type();
    request_->set_name("DoRequest");
    pb::ServiceDescriptorProto& service = *file.add_service();
    service.set_name("NewService");
    method_ = service.add_method();
    method_->set_name("Do");
    method_->set_input_type(".openseer.v1.DoRequest");
  }
  ~CheckAccess() override { std::filesystem::remove(path_); }

  bool passes() {
    {
      std::ofstream out(path_);
      files_.SerializeToOstream(&out);
    }
    return std::system((std::string(CHECK_ACCESS) + " " + path_.string() + " 2>/dev/null").c_str()) == 0;
  }

  pb::FileDescriptorSet files_;
  pb::DescriptorProto* request_;
  pb::MethodDescriptorProto* method_;
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("check_access_test." + std::to_string(getpid()));
};

TEST_F(CheckAccess, AnRpcWithoutADeclaredPolicyFailsTheBuild) {
  EXPECT_FALSE(passes());
  method_->mutable_options()->SetExtension(v1::access, v1::ACCESS_USER);
  EXPECT_TRUE(passes());
}

TEST_F(CheckAccess, AnRpcAboutAWorkspaceMustNameIt) {
  method_->mutable_options()->SetExtension(v1::access, v1::ACCESS_EDITOR);
  EXPECT_FALSE(passes());
  pb::FieldDescriptorProto& field = *request_->add_field();
  field.set_name("workspace_id");
  field.set_type(pb::FieldDescriptorProto::TYPE_STRING);
  field.set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
  EXPECT_FALSE(passes()) << "a list would let an empty one pass";
  field.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
  EXPECT_TRUE(passes());
}

}  // namespace
}  // namespace openseer::control
