// A program that is nearly all templates: every kind of work is instantiated for KINDS types, and inlined deeply.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#ifndef KINDS
#define KINDS 20
#endif

namespace goods {

template <int N>
struct Item {
    int weight = N;
    std::string label = "item";
    bool operator<(const Item& other) const { return std::tie(weight, label) < std::tie(other.weight, other.label); }
    bool operator==(const Item& other) const { return weight == other.weight && label == other.label; }
};

template <int N>
struct Hash {
    std::size_t operator()(const Item<N>& item) const { return std::hash<std::string>{}(item.label) * 31 + N; }
};

template <int N>
using Choice = std::variant<int, std::string, Item<N>, std::vector<Item<N>>>;

template <int N>
std::vector<Item<N>> stock(int count) {
    std::vector<Item<N>> items(static_cast<std::size_t>(count));
    std::generate(items.begin(), items.end(), [n = 0]() mutable { return Item<N>{(n += 7) % 13, std::to_string(n)}; });
    std::stable_sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}

template <int N>
long weigh(const std::vector<Item<N>>& items) {
    std::map<Item<N>, std::set<std::string>> by_item;
    std::unordered_map<Item<N>, std::deque<int>, Hash<N>> hashed;
    for (const auto& item : items) {
        by_item[item].insert(item.label);
        hashed[item].push_back(item.weight);
    }
    return std::accumulate(by_item.begin(), by_item.end(), 0L, [&](long sum, const auto& entry) {
        const auto found = hashed.find(entry.first);
        return sum + entry.first.weight * static_cast<long>(entry.second.size() + found->second.size());
    });
}

template <int N>
long visit(const Choice<N>& choice) {
    return std::visit(
        [](const auto& value) -> long {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, int>) return value;
            else if constexpr (std::is_same_v<Value, std::string>) return static_cast<long>(value.size());
            else if constexpr (std::is_same_v<Value, Item<N>>) return value.weight;
            else return weigh<N>(value);
        },
        choice);
}

template <int N>
std::optional<long> parse(const std::string& text) {
    std::function<long(long)> scale = [](long value) { return value * N; };
    std::istringstream stream(text);
    std::shared_ptr<Item<N>> item = std::make_shared<Item<N>>();
    if (!(stream >> item->weight >> item->label)) return std::nullopt;
    return scale(item->weight + static_cast<long>(item->label.size()));
}

template <int N>
__attribute__((noinline)) long work(int count) {
    const auto items = stock<N>(count);
    const Choice<N> choices[] = {count, std::to_string(count), items.front(), items};
    long sum = parse<N>(std::to_string(N) + " crate").value_or(0);
    for (const auto& choice : choices) sum += visit<N>(choice);
    return sum;
}

template <int... N>
long all(int count, std::integer_sequence<int, N...>) {
    return (work<N>(count) + ...);
}

}  // namespace goods

int main(int count, char** words) {
    const std::regex number("([0-9]+)([a-z]*)");
    std::smatch match;
    const std::string first = words[0];
    const long extra = std::regex_search(first, match, number) ? static_cast<long>(match.size()) : 0;
    std::printf("%ld\n", extra + goods::all(count + 20, std::make_integer_sequence<int, KINDS>{}));
}
