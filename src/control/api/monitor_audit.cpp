#include "control/api/monitor_audit.h"

#include <google/protobuf/util/message_differencer.h>

namespace openseer::control {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

constexpr std::size_t kLongestValue = 300;

std::string seconds(const google::protobuf::Duration& duration) {
  std::string text = std::to_string(duration.seconds());
  if (duration.nanos() != 0) {
    std::string fraction = std::to_string(1'000'000'000 + duration.nanos()).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + " s";
}

// One value, or one element of a list (`index`); empty where it is not told.
std::string value_of(const v1::MonitorSpec& spec, const FieldDescriptor& field, int index) {
  const Reflection& r = *spec.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return "";
      return list ? r.GetRepeatedString(spec, &field, index) : r.GetString(spec, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return list ? r.GetRepeatedEnum(spec, &field, index)->name() : r.GetEnum(spec, &field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      if (list) return "";
      return r.GetBool(spec, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_UINT32:
      return list ? "" : std::to_string(r.GetUInt32(spec, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (list || !r.HasField(spec, &field)) return "";
      const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&r.GetMessage(spec, &field));
      return duration == nullptr ? "" : seconds(*duration);
    }
    default:
      return "";
  }
}

std::string values_of(const v1::MonitorSpec& spec, const FieldDescriptor& field) {
  std::string text;
  if (!field.is_repeated()) {
    text = value_of(spec, field, 0);
  } else {
    for (int i = 0; i < spec.GetReflection()->FieldSize(spec, &field); ++i) {
      const std::string one = value_of(spec, field, i);
      if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
    }
  }
  if (text.size() <= kLongestValue) return text;
  std::size_t end = kLongestValue;
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // between characters
  return text.substr(0, end) + "...";
}

}  // namespace

std::vector<store::FieldChange> changes_between(const v1::MonitorSpec& before, const v1::MonitorSpec& after) {
  std::vector<store::FieldChange> changes;
  const auto& descriptor = *v1::MonitorSpec::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (differencer.CompareWithFields(before, after, {&field}, {&field})) continue;
    changes.push_back({"spec." + field.name(), values_of(before, field), values_of(after, field)});
  }
  return changes;
}

}  // namespace openseer::control
