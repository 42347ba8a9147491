#include "pki/secret_box.h"

#include <gtest/gtest.h>

namespace openseer::pki {
namespace {

TEST(SecretBox, OpensWhatItSealed) {
  const SecretBox box = SecretBox::from_hex(SecretBox::random_key_hex());
  for (const std::string& plain : {std::string(), std::string("Bearer abc"), std::string(100'000, '\0')})
    EXPECT_EQ(box.open(box.seal(plain, "monitor-header"), "monitor-header"), plain);
  EXPECT_EQ(box.open(box.seal("no context", ""), ""), "no context");
}

TEST(SecretBox, NeverSealsTheSameWayTwice) {
  const SecretBox box = SecretBox::from_hex(SecretBox::random_key_hex());
  const std::string sealed = box.seal("a secret of some length", "c");
  EXPECT_NE(sealed, box.seal("a secret of some length", "c"));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
}

TEST(SecretBox, AnyChangedByteIsRefused) {
  const SecretBox box = SecretBox::from_hex(SecretBox::random_key_hex());
  const std::string sealed = box.seal("secret", "c");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string forged = sealed;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_THROW(box.open(forged, "c"), std::runtime_error) << i;
    EXPECT_THROW(box.open(sealed.substr(0, i), "c"), std::runtime_error) << i;
  }
  EXPECT_THROW(box.open(sealed + '\0', "c"), std::runtime_error);
}

TEST(SecretBox, AnotherKeyOrContextIsRefused) {
  const SecretBox box = SecretBox::from_hex(SecretBox::random_key_hex());
  const SecretBox other = SecretBox::from_hex(SecretBox::random_key_hex());
  const std::string sealed = box.seal("secret", "monitor-header");
  EXPECT_THROW(other.open(sealed, "monitor-header"), std::runtime_error);
  EXPECT_THROW(box.open(sealed, "monitor-body"), std::runtime_error);
}

TEST(SecretBox, AKeyIsSixtyFourHexDigits) {
  EXPECT_NO_THROW(SecretBox::from_hex(std::string(64, 'F')));
  EXPECT_THROW(SecretBox::from_hex(std::string(63, '0')), std::invalid_argument);
  EXPECT_THROW(SecretBox::from_hex(std::string(64, 'g')), std::invalid_argument);
  EXPECT_THROW(SecretBox::from_hex(""), std::invalid_argument);
}

TEST(Digest, MatchesTheStandardsVector) {  // FIPS 180-4, "abc"
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RandomHex, HasTwoDigitsAByteAndDiffers) {
  EXPECT_EQ(random_hex(32).size(), 64U);
  EXPECT_NE(random_hex(32), random_hex(32));
}

}  // namespace
}  // namespace openseer::pki
