// A tape in sixty lines, and the C++ kit that makes it an engine:
// g++ -std=c++17 -O2 tiny.cpp -o tiny && conformance certify --engine "stdio:./tiny"
#include <algorithm>
#include <cmath>
#include <memory>
#include "engine.hpp"

using Numbers = std::vector<double>;
struct Node;
using Tensor = std::shared_ptr<Node>;
using Pull = std::function<Numbers(const Numbers&)>;  // the cotangent of a parent, from that of the result

struct Node {  // numbers in C order, and what they were made from
  Numbers values;
  std::vector<long> shape;
  bool requires_grad = false;
  std::vector<std::pair<Tensor, Pull>> parents;
  std::optional<Numbers> grad;
};

Tensor made(Numbers values, std::vector<long> shape, std::vector<std::pair<Tensor, Pull>> parents) {
  auto tracks = std::any_of(parents.begin(), parents.end(), [](const auto& p) { return p.first->requires_grad; });
  return std::make_shared<Node>(Node{std::move(values), std::move(shape), tracks, std::move(parents), {}});
}

template <class F> Numbers each(const Numbers& a, const Numbers& b, F f) {
  Numbers out(a.size());
  std::transform(a.begin(), a.end(), b.begin(), out.begin(), f);
  return out;
}
double times(double a, double b) { return a * b; }
double plus(double a, double b) { return a + b; }

void order(const Tensor& node, std::vector<Tensor>& found) {  // parents first
  if (!node->requires_grad || std::count(found.begin(), found.end(), node)) return;
  for (const auto& [parent, _] : node->parents) order(parent, found);
  found.push_back(node);
}

void backward(Tensor& root, const Tensor* cotangent) {
  std::vector<Tensor> nodes;
  order(root, nodes);
  std::map<Tensor, Numbers> pending;
  if (!cotangent && root->values.size() != 1) throw std::runtime_error("backward of a tensor that is no scalar needs a cotangent");
  pending[root] = cotangent ? (*cotangent)->values : Numbers{1.0};
  auto add = [](Numbers* old, const Numbers& g) { return old ? each(*old, g, plus) : g; };
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    Numbers g = pending[*node];
    if ((*node)->parents.empty()) (*node)->grad = add((*node)->grad ? &*(*node)->grad : nullptr, g);
    for (const auto& [parent, pull] : (*node)->parents) {
      auto old = pending.find(parent);
      pending[parent] = add(old == pending.end() ? nullptr : &old->second, pull(g));
    }
  }
}

Tensor unary(const Tensor& x, double (*f)(double), double (*slope)(double)) {
  Numbers values(x->values), slopes(x->values);
  for (double& v : values) v = f(v);
  for (double& v : slopes) v = slope(v);
  return made(values, x->shape, {{x, [slopes](const Numbers& g) { return each(g, slopes, times); }}});
}

void same(const Tensor& x, const Tensor& y) {
  if (x->shape != y->shape) throw kit::Unsupported("broadcasting");
}

Tensor mul(const Tensor& x, const Tensor& y) {
  same(x, y);
  return made(each(x->values, y->values, times), x->shape, {{x, [y](const Numbers& g) { return each(g, y->values, times); }},
                                                            {y, [x](const Numbers& g) { return each(g, x->values, times); }}});
}

Tensor combined(const Tensor& x, const Tensor& y, double sign) {  // x + sign * y
  same(x, y);
  auto signedly = [sign](const Numbers& g) { return each(g, Numbers(g.size(), sign), times); };
  return made(each(x->values, signedly(y->values), plus), x->shape, {{x, [](const Numbers& g) { return g; }}, {y, signedly}});
}

Tensor sum(kit::Call<Tensor>& c) {
  const Tensor& x = c.tensor(0);
  bool all = c["dim"].is_none() || c["dim"].list().empty() || c["dim"].list().size() == x->shape.size();
  if (!all) throw kit::Unsupported("dim");
  double total = 0.0;
  for (double v : x->values) total += v;
  std::vector<long> shape(c["keepdim"].boolean() ? x->shape.size() : 0, 1);
  return made({total}, shape, {{x, [n = x->values.size()](const Numbers& g) { return Numbers(n, g[0]); }}});
}

int main() {
  kit::Engine<Tensor> tiny;
  tiny.name = "tiny-cpp", tiny.version = "1.0", tiny.features = {"float64", "detach", "accumulation"};
  auto plain = [](double sign) {
    return [sign](kit::Call<Tensor>& c) {
      if (c["alpha"].number() != 1.0) throw kit::Unsupported("alpha");
      return combined(c.tensor(0), c.tensor(1), sign);
    };
  };
  tiny.operators["neg"] = [](auto& c) { return unary(c.tensor(0), [](double v) { return -v; }, [](double) { return -1.0; }); };
  tiny.operators["square"] = [](auto& c) { return unary(c.tensor(0), [](double v) { return v * v; }, [](double v) { return 2 * v; }); };
  tiny.operators["atan"] = [](auto& c) { return unary(c.tensor(0), std::atan, [](double v) { return 1 / (1 + v * v); }); };
  tiny.operators["add"] = plain(1.0);
  tiny.operators["sub"] = plain(-1.0);
  tiny.operators["mul"] = [](auto& c) { return mul(c.tensor(0), c.tensor(1)); };
  tiny.operators["sum"] = sum;
  tiny.leaf = [](const kit::Array& a, bool requires_grad) {
    if (a.dtype != "float64") throw kit::Unsupported(a.dtype);
    return std::make_shared<Node>(Node{a.values<double>(), a.shape, requires_grad, {}, {}});
  };
  tiny.read = [](const Tensor& x) { return kit::Array("float64", x->shape, x->values); };
  tiny.backward = backward;
  tiny.grad = [](const Tensor& x) { return x->grad ? std::optional(made(*x->grad, x->shape, {})) : std::nullopt; };
  tiny.detach = [](const Tensor& x) { return made(x->values, x->shape, {}); };
  return kit::serve(tiny);
}
