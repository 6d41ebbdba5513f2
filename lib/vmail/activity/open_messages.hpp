#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace vmail::activity {

/// What is known of a message in Postfix' queue, or of a session in which one was handed in.
struct open_message {
    std::string account{}; ///< who handed it in; empty: nobody who was logged in
    std::string client{};  ///< from where
    std::uint64_t bytes = 0;
    bool is_told = false; ///< that it was handed in
};

/// Such, by host and queue ID, or process. There is an end to them: the one that was opened first is forgotten for one too many.
class open_messages {
public:
    explicit open_messages(std::size_t most = 100'000) : most_(most) {}

    /// Null: it is not there. It lives until it is closed, or another one is opened.
    open_message* find(std::string_view host, std::string_view id);
    /// A new one, whatever was there: a queue ID comes again.
    open_message& open(std::string_view host, std::string_view id);
    open_message& find_or_open(std::string_view host, std::string_view id);
    void close(std::string_view host, std::string_view id);
    std::size_t size() const noexcept { return index_.size(); }

    /// In the order in which they were opened.
    template <typename Receiver> void each(Receiver receive) const {
        for (const auto& m : all_) receive(std::string_view(m.host), std::string_view(m.id), m.known);
    }

    template <typename Change> void revise(Change change) {
        for (auto& m : all_) change(m.known);
    }

private:
    struct entry {
        std::string host, id, key;
        open_message known;
    };
    using place = std::list<entry>::iterator;
    std::string_view key_of(std::string_view host, std::string_view id);

    std::size_t most_;
    std::list<entry> all_{};
    std::unordered_map<std::string_view, place> index_{}; // the keys are those of the entries
    std::string scratch_{};
};

} // namespace vmail::activity
