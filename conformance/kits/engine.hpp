// The C++ kit: makes an engine with backward speak the suite's protocol, version 1. One file, C++17, no dependencies.
//   #include "engine.hpp"
//   int main() {
//     kit::Engine<Tensor> mine;                                             // Tensor: a handle that can be copied
//     mine.name = "mygrad", mine.version = "1.0", mine.features = {"float64", "detach"};
//     mine.operators["mul"] = [](kit::Call<Tensor>& c) { return c.tensor(0) * c.tensor(1); };
//     mine.operators["softmax"] = [](kit::Call<Tensor>& c) { return softmax(c.tensor(0), c["dim"].integer()); };
//     mine.leaf = [](const kit::Array& a, bool requires_grad) { return Tensor(a.values<double>(), a.shape, requires_grad); };
//     mine.read = [](const Tensor& t) { return kit::Array("float64", t.shape(), t.values()); };   // a vector in C order
//     mine.backward = [](Tensor& y, const Tensor* cotangent) { y.backward(cotangent); };          // null for a scalar
//     mine.grad = [](const Tensor& x) { return x.grad(); };                 // an std::optional: empty if nothing came
//     mine.detach = [](const Tensor& x) { return x.detach(); };             // optional
//     return kit::serve(mine);
//   }
//
// Then: g++ -std=c++17 -O2 my_engine.cpp -o my_engine && conformance certify --engine "stdio:./my_engine"
// What the engine prints goes to standard error. An operator with several results returns a std::vector<Tensor>.
#pragma once
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <cxxabi.h>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unistd.h>
#include <variant>
#include <vector>

namespace kit {
// Thrown where the engine lacks something: a dtype, an operator, an attribute's value.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// --- JSON --------------------------------------------------------------------------------------------------------------------
struct Json;
using List = std::vector<Json>;
using Object = std::map<std::string, Json>;
struct Json {
  std::variant<std::nullptr_t, bool, long long, std::string, List, Object> value = nullptr;
  template <class T> const T& as() const { return std::get<T>(value); }
  template <class T> bool is() const { return std::holds_alternative<T>(value); }
  const Json& operator[](const std::string& key) const { return as<Object>().at(key); }
  const Json* find(const std::string& key) const { return as<Object>().count(key) ? &as<Object>().at(key) : nullptr; }
  const List& list(const std::string& key) const {  // empty where there is none
    static const List none;
    return find(key) ? find(key)->as<List>() : none;
  }
};
class Parser {
 public:
  explicit Parser(const std::string& text) : at_(text.c_str()) {}
  Json parse() {
    skip();
    if (*at_ == '{') return object();
    if (*at_ == '[') return list();
    if (*at_ == '"') return {string()};
    for (auto [word, value] : {std::pair("true", Json{true}), std::pair("false", Json{false}), std::pair("null", Json{})})
      if (std::strncmp(at_, word, std::strlen(word)) == 0) return at_ += std::strlen(word), value;
    return number();
  }
 private:
  const char* at_;
  void skip() { while (*at_ == ' ' || *at_ == '\t' || *at_ == '\r') ++at_; }
  bool next(char c) { return skip(), *at_ == c && ++at_; }
  void expect(char c) { if (!next(c)) throw std::runtime_error(std::string("no JSON: expected ") + c + " at " + at_); }
  Json number() {  // the protocol has whole numbers only: floats are written in hexadecimal, as texts
    char* end = nullptr;
    long long n = std::strtoll(at_, &end, 10);
    if (end == at_) throw std::runtime_error(std::string("no JSON at ") + at_);
    return at_ = end, Json{n};
  }
  template <class Item> void each(char open, char close, Item item) {
    expect(open);
    if (next(close)) return;
    do item(); while (next(','));
    expect(close);
  }
  Json list() {
    List items;
    each('[', ']', [&] { items.push_back(parse()); });
    return {items};
  }
  Json object() {
    Object items;
    each('{', '}', [&] { std::string key = string(); expect(':'), items.emplace(key, parse()); });
    return {items};
  }
  std::string string() {
    std::string text;
    for (expect('"'); *at_ != '"'; ++at_) {
      if (*at_ == 0) throw std::runtime_error("a text without end");
      if (*at_ != '\\') { text += *at_; continue; }
      static const std::map<char, char> plain = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'f', '\f'}};
      if (*++at_ != 'u') { text += plain.count(*at_) ? plain.at(*at_) : *at_; continue; }
      text += char(std::stoul(std::string(at_ + 1, 4), nullptr, 16));  // a control character: the suite writes the rest in UTF-8
      at_ += 4;
    }
    return ++at_, text;
  }
};
inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, c == '"' || c == '\\' ? "\\%c" : static_cast<unsigned char>(c) < 0x20 ? "\\u%04x" : "%c", c);
    out += escaped;
  }
  return out + '"';
}
template <class Items, class Write> std::string joined(const Items& items, Write write) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + write(item);
  return out;
}

// --- numbers -----------------------------------------------------------------------------------------------------------------
inline const char* const kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline std::string decoded(const std::string& text) {
  std::string bytes;
  unsigned buffer = 0, bits = 0;
  for (char c : text) {
    const char* digit = c == '=' ? nullptr : std::strchr(kDigits, c);
    if (!digit) break;
    buffer = buffer << 6 | unsigned(digit - kDigits), bits += 6;
    if (bits >= 8) bits -= 8, bytes += char(buffer >> bits & 255);
  }
  return bytes;
}
inline std::string encoded(const std::string& bytes) {
  std::string text;
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    unsigned group = 0, n = unsigned(std::min<std::size_t>(3, bytes.size() - k));
    for (unsigned j = 0; j < 3; ++j) group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[k + j]) : 0u);
    for (unsigned j = 0; j < 4; ++j) text += j <= n ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}
// Numbers in C order as their little-endian bytes, with their shape and the name of their dtype; exact, since nothing is printed.
struct Array {
  std::string dtype, bytes;
  std::vector<long> shape;
  Array(std::string dtype_, std::vector<long> shape_, std::string bytes_)
      : dtype(std::move(dtype_)), bytes(std::move(bytes_)), shape(std::move(shape_)) {}
  template <class T> Array(std::string dtype_, std::vector<long> shape_, const std::vector<T>& values)
      : Array(std::move(dtype_), std::move(shape_), std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))) {}
  template <class T> std::vector<T> values() const {  // T must be what the dtype says
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
  std::string json() const {
    auto sizes = joined(shape, [](long n) { return std::to_string(n); });
    return "{\"array\":{\"dtype\":" + quoted(dtype) + ",\"shape\":[" + sizes + "],\"data\":\"" + encoded(bytes) + "\"}}";
  }
};
inline Array array_of(const Json& message) {
  std::vector<long> shape;
  for (const Json& n : message["shape"].as<List>()) shape.push_back(long(n.as<long long>()));
  return Array(message["dtype"].as<std::string>(), shape, decoded(message["data"].as<std::string>()));
}

// --- programs ----------------------------------------------------------------------------------------------------------------
// An operand: a tensor, a list, or a literal: nothing, a truth value, a whole number, a float or a text.
template <class Tensor> struct Operand {
  std::variant<Json, Tensor, std::vector<Operand>> value;
  bool is_none() const { return literal() && literal()->template is<std::nullptr_t>(); }
  bool is_list() const { return std::holds_alternative<std::vector<Operand>>(value); }
  bool boolean() const { return checked(literal() ? std::get_if<bool>(&literal()->value) : nullptr, "a truth value"); }
  long long integer() const { return checked(literal() ? std::get_if<long long>(&literal()->value) : nullptr, "a whole number"); }
  const std::string& text() const { return checked(literal() ? std::get_if<std::string>(&literal()->value) : nullptr, "a text"); }
  double number() const {
    const Json* f = literal() && literal()->template is<Object>() ? literal()->find("float") : nullptr;
    return f ? std::strtod(f->as<std::string>().c_str(), nullptr) : double(integer());
  }
  const Tensor& tensor() const { return checked(std::get_if<Tensor>(&value), "a tensor"); }
  const std::vector<Operand>& list() const { return checked(std::get_if<std::vector<Operand>>(&value), "a list"); }
 private:
  const Json* literal() const { return std::get_if<Json>(&value); }
  template <class T> static const T& checked(const T* found, const char* what) {
    if (found) return *found;
    throw Unsupported(std::string("an operand that is not ") + what);
  }
};
// One call of an operator: operands by place, attributes by name.
template <class Tensor> struct Call {
  std::vector<Operand<Tensor>> args;
  std::map<std::string, Operand<Tensor>> kw;
  const Tensor& tensor(std::size_t place) const { return args.at(place).tensor(); }
  const Operand<Tensor>& operator[](const std::string& name) const { return kw.at(name); }
};
template <class Tensor> struct Results : std::vector<Tensor> {  // of an operator, which may return one tensor or several
  Results(Tensor one) : std::vector<Tensor>{std::move(one)} {}
  Results(std::vector<Tensor> several) : std::vector<Tensor>(std::move(several)) {}
};
template <class Tensor> struct Engine {
  std::string name, version;
  std::set<std::string> features;
  std::map<std::string, std::function<Results<Tensor>(Call<Tensor>&)>> operators;
  std::function<Tensor(const Array&, bool)> leaf;
  std::function<Array(const Tensor&)> read;
  std::function<void(Tensor&, const Tensor*)> backward;
  std::function<std::optional<Tensor>(const Tensor&)> grad;
  std::function<Tensor(const Tensor&)> detach;
};
template <class Tensor> class Run {
 public:
  explicit Run(const Engine<Tensor>& engine) : engine_(engine) {}
  std::string observations(const List& program) {
    for (const Json& s : program) step(s, s["do"].as<std::string>());
    return joined(seen_, [](const std::string& one) { return one; });
  }
 private:
  const Engine<Tensor>& engine_;
  std::map<std::string, Operand<Tensor>> names_;  // an operand of nothing: a .grad that is not there
  std::vector<std::string> seen_;
  void step(const Json& s, const std::string& kind) {
    std::vector<std::string> out;
    for (const Json& name : s.list("out")) out.push_back(name.as<std::string>());
    Call<Tensor> call;
    for (const Json& a : s.list("args")) call.args.push_back(operand(a));
    if (const Json* kw = s.find("kw")) for (const auto& [key, v] : kw->as<Object>()) call.kw[key] = operand(v);
    if (kind == "leaf") names_[out[0]] = {engine_.leaf(array_of(s.list("args")[0]["array"]), call["requires_grad"].boolean())};
    else if (kind == "read") seen_.push_back(quoted(out[0]) + ":" + reading(s["name"].as<std::string>(), call.args));
    else if (kind == "get_grad") {
      std::optional<Tensor> found = engine_.grad(call.tensor(0));
      names_[out[0]] = found ? Operand<Tensor>{*found} : Operand<Tensor>{};
    } else if (kind == "backward") backward(call);
    else if (kind == "detach" && engine_.detach) names_[out[0]] = {engine_.detach(call.tensor(0))};
    else if (kind == "op") {
      auto found = engine_.operators.find(s["name"].as<std::string>());
      if (found == engine_.operators.end()) throw Unsupported("operator:" + s["name"].as<std::string>());
      Results<Tensor> results = found->second(call);
      for (std::size_t k = 0; k < out.size(); ++k) names_[out[k]] = {results.at(k)};
    } else throw Unsupported(kind == "jvp" ? "forward-mode" : kind == "vjp" ? "func" : kind == "inplace" ? "in-place" : kind);
  }
  void backward(Call<Tensor>& call) {  // one tensor, all its leaves, once: what every engine has
    for (const auto& [key, _] : call.kw) if (key != "grad_tensors") throw Unsupported(key);
    if (call.args[0].is_list()) throw Unsupported("several-roots");
    Tensor root = call.tensor(0);
    auto given = call.kw.find("grad_tensors");
    engine_.backward(root, given == call.kw.end() || given->second.is_none() ? nullptr : &given->second.tensor());
  }
  std::string reading(const std::string& name, const std::vector<Operand<Tensor>>& args) {
    if (name == "is_none") return std::string("{\"flag\":") + (args.at(0).is_none() ? "true}" : "false}");
    if (name != "value") throw Unsupported("flags");
    return args.at(0).is_none() ? "{\"none\":true}" : engine_.read(args[0].tensor()).json();
  }
  Operand<Tensor> operand(const Json& v) {
    if (v.is<Object>() && v.find("ref")) return names_.at(v["ref"].as<std::string>());
    if (!v.is<List>()) return {v};
    std::vector<Operand<Tensor>> items;
    for (const Json& item : v.as<List>()) items.push_back(operand(item));
    return {items};
  }
};

// --- the conversation --------------------------------------------------------------------------------------------------------
inline std::string class_of(const std::exception& error) {
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, nullptr);
  std::string found = name ? name : typeid(error).name();
  return std::free(name), found;
}
template <class Tensor> std::string answer(const Engine<Tensor>& engine, const Json& message) {
  std::string unsupported = "\"status\":\"unsupported\",\"feature\":";
  for (const Json& need : message.list("needs")) if (!engine.features.count(need.as<std::string>())) return unsupported + quoted(need.as<std::string>());
  if (message["do"].as<std::string>() != "run") return unsupported + "\"namespace\"";
  try {
    return "\"status\":\"done\",\"observations\":{" + Run<Tensor>(engine).observations(message.list("program")) + "}";
  } catch (const Unsupported& needed) {
    return unsupported + quoted(needed.what());
  } catch (const std::exception& error) {
    return "\"status\":\"error\",\"error\":{\"class\":" + quoted(class_of(error)) + ",\"message\":" + quoted(error.what()) + "}";
  }
}
// Answers until the suite stops or closes the pipe; gives the exit status.
template <class Tensor> int serve(const Engine<Tensor>& engine) {
  std::FILE* out = fdopen(dup(1), "w");
  dup2(2, 1);  // an engine's chatter is no answer
  auto say = [out](const std::string& line) { std::fputs((line + "\n").c_str(), out), std::fflush(out); };
  auto keys = [](const auto& items) { return "[" + joined(items, [](const auto& item) { return quoted(item); }) + "]"; };
  std::set<std::string> names;
  for (const auto& [name, _] : engine.operators) names.insert(name);
  for (std::string line; std::getline(std::cin, line);) {
    Json message = Parser(line).parse();
    const std::string& kind = message["do"].as<std::string>();
    if (kind == "stop") break;
    if (kind != "hello") say("{\"seq\":" + std::to_string(message["seq"].as<long long>()) + "," + answer(engine, message) + "}");
    else if (message["device"].as<std::string>() != "cpu") say("{\"fatal\":{\"stage\":\"device\",\"message\":\"only the cpu is here\"}}");
    else say("{\"hello\":{\"protocol\":1,\"engine\":" + quoted(engine.name) + ",\"version\":" + quoted(engine.version) +
             ",\"features\":" + keys(engine.features) + ",\"operators\":" + keys(names) + "}}");
  }
  return 0;
}
}  // namespace kit
