#include "domain/jsonpath.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

using testing::HasSubstr;

namespace json = boost::json;

// RFC 9535, figure 1.
constexpr auto kStore = R"({ "store": {
  "book": [
    { "category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95 },
    { "category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99 },
    { "category": "fiction", "author": "Herman Melville", "title": "Moby Dick",
      "isbn": "0-553-21311-3", "price": 8.99 },
    { "category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings",
      "isbn": "0-395-19395-8", "price": 22.99 } ],
  "bicycle": { "color": "red", "price": 399 } } })";

struct Case {
  const char* document;
  const char* path;
  const char* selected;  // a JSON array of the values, in order
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.path; }

std::string select(std::string_view document, std::string_view path) {
  const json::value root = json::parse(document);
  const Result<JsonPath> parsed = JsonPath::parse(path);
  if (!parsed) return parsed.error().message;
  const auto nodes = parsed->select(root);
  if (!nodes) return "too long";
  json::array out;
  for (const json::value* node : *nodes) out.push_back(*node);
  return json::serialize(out);
}

class JsonPathExample : public testing::TestWithParam<Case> {};

TEST_P(JsonPathExample, SelectsWhatTheStandardSays) {
  const Case& c = GetParam();
  EXPECT_EQ(select(c.document, c.path), json::serialize(json::parse(c.selected)));
}

// Table 2.
INSTANTIATE_TEST_SUITE_P(
    Bookstore, JsonPathExample,
    testing::Values(
        Case{kStore, "$.store.book[*].author",
             R"(["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"])"},
        Case{kStore, "$..author", R"(["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"])"},
        Case{kStore, "$.store..price", "[8.95,12.99,8.99,22.99,399]"},
        Case{kStore, "$..book[2].title", R"(["Moby Dick"])"}, Case{kStore, "$..book[2].publisher", "[]"},
        Case{kStore, "$..book[-1].title", R"(["The Lord of the Rings"])"},
        Case{kStore, "$..book[0,1].price", "[8.95,12.99]"}, Case{kStore, "$..book[:2].price", "[8.95,12.99]"},
        Case{kStore, "$..book[?@.isbn].price", "[8.99,22.99]"},
        Case{kStore, "$..book[?@.price<10].title", R"(["Sayings of the Century","Moby Dick"])"},
        Case{kStore, "$.store.bicycle.*", R"(["red",399])"}));

constexpr auto kNames = R"({"o": {"j j": {"k.k": 3}}, "'": {"@": 2}})";
constexpr auto kWild = R"({"o": {"j": 1, "k": 2}, "a": [5, 3]})";
constexpr auto kLetters = R"(["a","b","c","d","e","f","g"])";
constexpr auto kDeep = R"({"o": {"j": 1, "k": 2}, "a": [5, 3, [{"j": 4}, {"k": 6}]]})";
constexpr auto kNull = R"({"a": null, "b": [null], "c": [{}], "null": 1})";

// Sections 2.3 and 2.6.
INSTANTIATE_TEST_SUITE_P(
    Selectors, JsonPathExample,
    testing::Values(
        Case{R"({"k":"v"})", "$", R"([{"k":"v"}])"}, Case{kNames, "$.o['j j']", R"([{"k.k":3}])"},
        Case{kNames, "$.o['j j']['k.k']", "[3]"}, Case{kNames, R"($.o["j j"]["k.k"])", "[3]"},
        Case{kNames, R"($["'"]["@"])", "[2]"}, Case{kNames, R"($['\'']['@'])", "[2]"},
        Case{kWild, "$[*]", R"([{"j":1,"k":2},[5,3]])"}, Case{kWild, "$.o[*]", "[1,2]"},
        Case{kWild, "$.o[*, *]", "[1,2,1,2]"}, Case{kWild, "$.a[*]", "[5,3]"},
        Case{R"(["a","b"])", "$[1]", R"(["b"])"}, Case{R"(["a","b"])", "$[-2]", R"(["a"])"},
        Case{R"(["a","b"])", "$[2]", "[]"}, Case{R"(["a","b"])", "$[-3]", "[]"},
        Case{kLetters, "$[1:3]", R"(["b","c"])"}, Case{kLetters, "$[5:]", R"(["f","g"])"},
        Case{kLetters, "$[1:5:2]", R"(["b","d"])"}, Case{kLetters, "$[5:1:-2]", R"(["f","d"])"},
        Case{kLetters, "$[::-1]", R"(["g","f","e","d","c","b","a"])"}, Case{kLetters, "$[::0]", "[]"},
        Case{kLetters, "$[-2:]", R"(["f","g"])"}, Case{kLetters, "$[:-5]", R"(["a","b"])"},
        Case{kLetters, "$[100:0:-3]", R"(["g","d"])"}, Case{kLetters, "$[ 0 : 2 : 1 ]", R"(["a","b"])"},
        Case{kLetters, "$[0, 3]", R"(["a","d"])"}, Case{kLetters, "$[0:2, 5]", R"(["a","b","f"])"},
        Case{kLetters, "$[0, 0]", R"(["a","a"])"}, Case{kDeep, "$..j", "[1,4]"},
        Case{kDeep, "$..[0]", R"([5,{"j":4}])"}, Case{kDeep, "$.o..[*, *]", "[1,2,1,2]"},
        Case{kDeep, "$.a..[0, 1]", R"([5,3,{"j":4},{"k":6}])"},
        Case{kDeep, "$..*",
             R"([{"j":1,"k":2},[5,3,[{"j":4},{"k":6}]],1,2,5,3,[{"j":4},{"k":6}],{"j":4},{"k":6},4,6])"},
        Case{kNull, "$.a", "[null]"}, Case{kNull, "$.a[0]", "[]"}, Case{kNull, "$.a.d", "[]"},
        Case{kNull, "$.b[0]", "[null]"}, Case{kNull, "$.b[*]", "[null]"}, Case{kNull, "$.b[?@]", "[null]"},
        Case{kNull, "$.b[?@==null]", "[null]"}, Case{kNull, "$.c[?@.d==null]", "[]"},
        Case{kNull, "$.null", "[1]"}, Case{R"({"ü":1})", "$.ü", "[1]"},
        Case{R"({"\ud83d\ude00":1})", R"($["\uD83D\uDE00"])", "[1]"},
        Case{R"({"a":[1]})", "$ .a\n[0]", "[1]"}, Case{R"("abc")", "$[0]", "[]"}, Case{"1", "$.a", "[]"}));

constexpr auto kFilter = R"({
  "a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
  "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}},
  "e": "f"})";

// Table 12 and section 2.4.
INSTANTIATE_TEST_SUITE_P(
    Filters, JsonPathExample,
    testing::Values(
        Case{kFilter, "$.a[?@.b == 'kilo']", R"([{"b":"kilo"}])"},
        Case{kFilter, "$.a[?(@.b == 'kilo')]", R"([{"b":"kilo"}])"}, Case{kFilter, "$.a[?@>3.5]", "[5,4,6]"},
        Case{kFilter, "$.a[?@.b]", R"([{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}])"},
        Case{
            kFilter, "$[?@.*]",
            R"([[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}}])"},
        Case{kFilter, "$[?@[?@.b]]", R"([[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]])"},
        Case{kFilter, "$.o[?@<3, ?@<3]", "[1,2,1,2]"},
        Case{kFilter, R"($.a[?@<2 || @.b == "k"])", R"([1,{"b":"k"}])"},
        Case{kFilter, R"($.a[?match(@.b, "[jk]")])", R"([{"b":"j"},{"b":"k"}])"},
        Case{kFilter, R"($.a[?search(@.b, "[jk]")])", R"([{"b":"j"},{"b":"k"},{"b":"kilo"}])"},
        Case{kFilter, "$.o[?@>1 && @<4]", "[2,3]"}, Case{kFilter, "$.o[?@.u || @.x]", R"([{"u":6}])"},
        Case{kFilter, "$.a[?@.b == $.x]", "[3,5,1,2,4,6]"},
        Case{kFilter, "$.a[?@ == @]", R"([3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}])"},
        Case{kFilter, "$.a[?!@.b]", "[3,5,1,2,4,6]"},
        Case{kFilter, "$.a[?!(@.b == 'j') && @.b]", R"([{"b":"k"},{"b":{}},{"b":"kilo"}])"},
        Case{"[1, 1.0, 10e-1, \"1\", 2]", "$[?@==1]", "[1,1.0,1.0]"},
        Case{"[0, -0, 0.0]", "$[?@==-0]", "[0,0,0.0]"},
        Case{R"([{"a":[1,{"x":2,"y":3}],"b":[1,{"y":3,"x":2}]}])", "$[?@.a==@.b]",
             R"([{"a":[1,{"x":2,"y":3}],"b":[1,{"y":3,"x":2}]}])"},
        Case{R"(["a","b","é","z"])", R"($[?@>"b"])", R"(["é","z"])"},
        Case{R"([true, false, 1, "a", null])", "$[?@>=true]", "[true]"},
        Case{R"([{"a":1},{"b":1}])", "$[?@.a!=@.b]", R"([{"a":1},{"b":1}])"},
        Case{R"([{"a":1},{"b":2},{}])", "$[?@.a<=@.b]", "[{}]"},
        Case{"[18446744073709551615, -1, 9007199254740991]", "$[?@>0]",
             "[18446744073709551615,9007199254740991]"}));

INSTANTIATE_TEST_SUITE_P(
    Functions, JsonPathExample,
    testing::Values(
        Case{R"(["ab","日本",[1,2],{"a":1,"b":2},3,null])", "$[?length(@)==2]",
             R"(["ab","日本",[1,2],{"a":1,"b":2}])"},
        Case{R"([{"a":[1,2]},{"a":[1]}])", "$[?count(@.a[*])>1]", R"([{"a":[1,2]}])"},
        Case{R"([{"a":{"color":"red"}},{"a":{"color":"blue"}},{"a":[{"color":"red"},{"color":"red"}]}])",
             R"($[?value(@..color)=="red"])", R"([{"a":{"color":"red"}}])"},
        Case{R"(["2024-05-01","x2024-05-01"])", R"($[?match(@, '2024-05-..')])", R"(["2024-05-01"])"},
        Case{"[\"a\\nb\",\"a\\rb\",\"axb\"]", "$[?match(@, 'a.b')]", R"(["axb"])"},
        Case{R"(["a.b","axb"])", R"($[?match(@, 'a[.]b')])", R"(["a.b"])"},
        Case{R"([1,"1"])", R"($[?match(@, '1')])", R"(["1"])"},
        Case{R"([["x","x"],["(","x"]])", "$[?search(@[1], @[0])]", R"([["x","x"]])"},
        Case{R"(["Ü","u"])", R"($[?match(@, "\\p{Lu}")])", R"(["Ü"])"}));

TEST(JsonPathParse, WhatTheGrammarForbidsIsRefused) {
  for (const char* text : {"",
                           " $",
                           "$ ",
                           "a",
                           "@.a",
                           "$.",
                           "$..",
                           "$...a",
                           "$[",
                           "$[]",
                           "$[1",
                           "$[-",
                           "$[1:-",
                           "$['a",
                           "$[a]",
                           "$[01]",
                           "$[-0]",
                           "$[9007199254740992]",
                           "$.1a",
                           "$[1,]",
                           "$[,1]",
                           "$.a b",
                           "$['\\x']",
                           "$['\\u12']",
                           "$['\\uD800']",
                           "$[\"\\'\"]",
                           "$['\\\"']",
                           "$['\t']",
                           "$[?]",
                           "$[?1]",
                           "$[?'a']",
                           "$[?true]",
                           "$[?@.a==]",
                           "$[?@.a==1 &&]",
                           "$[?@.*==1]",
                           "$[?@..a==1]",
                           "$[?@[0,1]==1]",
                           "$[?length(@.a)]",
                           "$[?count(@.a)]",
                           "$[?match(@.a,'x')==true]",
                           "$[?length(@.*)<3]",
                           "$[?count(1)==1]",
                           "$[?match(@.a)]",
                           "$[?match(@.a,'(')]",
                           "$[?foo(@)]",
                           "$[?length (@)==1]",
                           "$[?@.a=1]",
                           "$[?@.a==01]",
                           "$[?@.a==1.]",
                           "$[?@.a==.1]",
                           "$[?!@.a==1]",
                           "$[?(@.a]",
                           "$[?@.a==True]",
                           "$[?@.a == 'b' || ]",
                           "$[1:2:3:4]",
                           "$.['a']",
                           "$[?@.a==[1]]",
                           "$[?@.a=={}]"}) {
    EXPECT_FALSE(JsonPath::parse(text).has_value()) << text;
  }
}

// Wherever a path is cut off, what is left of it is read to its end and no further.
TEST(JsonPathParse, MayEndAnywhere) {
  for (const std::string_view whole :
       {R"($['a\u00e9\ud83d\ude00'][-1,-2:-3:-4]..b[*])",
        R"($[?!(@.a==-1.5e-3 || $["b"]<=true) && @[-1]>'c'])",
        R"($[?match(@.a, 'b.*') && count(@..c[0])>=-2 && length(value(@['d']))!=null])"}) {
    EXPECT_TRUE(JsonPath::parse(whole).has_value()) << whole;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string part(whole.substr(0, size));
      JsonPath::parse(part);  // by the library's checks and the sanitizers
    }
  }
}

TEST(JsonPathParse, AFaultSaysWhatAndWhere) {
  EXPECT_EQ(JsonPath::parse("a.b").error().message, "must begin with $ at character 1");
  EXPECT_EQ(JsonPath::parse("$.a[01]").error().message,
            "expected a whole number without leading zeros, within 2^53 at character 5");
  EXPECT_THAT(JsonPath::parse("$[?@.*==1]").error().message, HasSubstr("at most one value"));
}

TEST(JsonPathParse, NestingHasALimit) {
  std::string deep = "$[?";
  for (int i = 0; i < 100'000; ++i) deep += '(';
  EXPECT_FALSE(JsonPath::parse(deep).has_value());
  std::string filters = "$";
  for (int i = 0; i < 10'000; ++i) filters += "[?@";
  EXPECT_FALSE(JsonPath::parse(filters).has_value());
}

// Each ..* multiplies what is selected; without a limit this would take hours.
TEST(JsonPathSelect, AnExplosionIsCutOff) {
  std::string document = "[";
  for (int i = 0; i < 2000; ++i) document += (i > 0 ? ",[[[[1]]]]" : "[[[[1]]]]");
  document += "]";
  EXPECT_EQ(select(document, "$[?count($..*..*..*)>0]"), "too long");
}

}  // namespace
}  // namespace openseer::domain
