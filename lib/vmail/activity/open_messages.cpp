#include <vmail/activity/open_messages.hpp>

namespace vmail::activity {

std::string_view open_messages::key_of(std::string_view host, std::string_view id) {
    scratch_.assign(id);
    scratch_ += ' ';
    scratch_ += host;
    return scratch_;
}

open_message* open_messages::find(std::string_view host, std::string_view id) {
    const auto found = index_.find(key_of(host, id));
    return found == index_.end() ? nullptr : &found->second->known;
}

open_message& open_messages::open(std::string_view host, std::string_view id) {
    close(host, id);
    if (all_.size() >= most_) {
        index_.erase(all_.front().key);
        all_.pop_front();
    }
    all_.push_back({std::string(host), std::string(id), std::string(key_of(host, id)), {}});
    index_.emplace(all_.back().key, std::prev(all_.end()));
    return all_.back().known;
}

open_message& open_messages::find_or_open(std::string_view host, std::string_view id) {
    open_message* const found = find(host, id);
    return found != nullptr ? *found : open(host, id);
}

void open_messages::close(std::string_view host, std::string_view id) {
    const auto found = index_.find(key_of(host, id));
    if (found == index_.end()) return;
    const place at = found->second;
    index_.erase(found);
    all_.erase(at);
}

} // namespace vmail::activity
