#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include <vmail/quota.hpp>

#include <vmail/jobs/page/markup.hpp>
#include <vmail/jobs/page/plot.hpp>

namespace vmail::page {

namespace {

constexpr double width = 760, label_width = 230, value_width = 90, bars_width = width - label_width - value_width;
constexpr double legend_height = 28, row_gap = 8;
constexpr std::size_t label_characters = 29;

std::uint64_t sum_of(const std::vector<std::uint64_t>& values) { return std::accumulate(values.begin(), values.end(), std::uint64_t{0}, add_saturating); }

std::uint64_t greatest_of(const std::vector<std::uint64_t>& values) { return values.empty() ? 0 : *std::max_element(values.begin(), values.end()); }

/// Of so much room, what a part of the whole takes.
double share(std::uint64_t part, std::uint64_t whole, double room) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole) * room; }

std::string opened(const plot& p, double height) {
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{0}\" role=\"img\" aria-labelledby=\"{0}-t {0}-d\" viewBox=\"0 0 {1:g} {2:g}\">\n"
                       "<title id=\"{0}-t\">{3}</title>\n<desc id=\"{0}-d\">{4}</desc>\n",
                       p.id, width, height, escaped(p.title), escaped(p.description));
}

/// What a pointer over it is told.
std::string tip(const plot& p, const plot_row& row, std::size_t series) {
    return escaped(fmt::format("{}: {} {}", row.label, p.shown(row.values[series]), p.series[series]));
}

std::string text_at(double x, double y, std::string_view classes, const std::string& text) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, classes, escaped(text));
}

// ---- bars

constexpr double thin = 13, thick = 18;

std::string legend(const plot& p) {
    if (p.series.size() < 2) return {};
    std::string out;
    double x = label_width;
    for (std::size_t s = 0; s < p.series.size(); ++s) {
        out += fmt::format("<rect x=\"{:.1f}\" y=\"5\" width=\"12\" height=\"12\" class=\"s{}\"/>\n", x, s) + text_at(x + 18, 15.5, "key", p.series[s]);
        x += 40 + 7.2 * static_cast<double>(p.series[s].size());
    }
    return out;
}

class bar_writer {
public:
    explicit bar_writer(const plot& p) : plot_(p), bar_(p.stacked || p.series.size() < 2 ? thick : thin), top_(p.series.size() < 2 ? 0 : legend_height) {
        for (const auto& row : p.rows) scale_ = std::max(scale_, p.stacked ? sum_of(row.values) : greatest_of(row.values));
    }

    std::string written() const {
        std::string out = opened(plot_, top_ + static_cast<double>(plot_.rows.size()) * row_height()) + legend(plot_);
        for (std::size_t i = 0; i < plot_.rows.size(); ++i) out += row(plot_.rows[i], top_ + static_cast<double>(i) * row_height());
        return out + "</svg>\n";
    }

private:
    double row_height() const { return (plot_.stacked ? bar_ : bar_ * static_cast<double>(plot_.series.size())) + row_gap; }

    std::string row(const plot_row& r, double y) const {
        const std::string label = fmt::format("<g><title>{}</title>{}</g>\n", escaped(r.label),
                                              text_at(label_width - 10, y + row_height() / 2, "label", shortened(r.label, label_characters)));
        return label + (plot_.stacked ? stack(r, y) : side_by_side(r, y));
    }

    std::string bar(const plot_row& r, std::size_t s, double x, double y) const {
        return fmt::format("<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:g}\" class=\"bar s{}\"><title>{}</title></rect>\n", x, y,
                           share(r.values[s], scale_, bars_width), bar_, s, tip(plot_, r, s));
    }

    std::string stack(const plot_row& r, double y) const {
        std::string out;
        double x = label_width;
        for (std::size_t s = 0; s < r.values.size(); ++s) {
            if (r.values[s] == 0) continue;
            out += bar(r, s, x, y + row_gap / 2);
            x += share(r.values[s], scale_, bars_width);
        }
        return out + text_at(x + 6, y + row_height() / 2, "value", plot_.shown(sum_of(r.values)));
    }

    std::string side_by_side(const plot_row& r, double y) const {
        std::string out;
        for (std::size_t s = 0; s < r.values.size(); ++s) {
            const double top = y + row_gap / 2 + bar_ * static_cast<double>(s);
            if (r.values[s] > 0) out += bar(r, s, label_width, top);
            out += text_at(label_width + share(r.values[s], scale_, bars_width) + 6, top + bar_ / 2, "value", plot_.shown(r.values[s]));
        }
        return out;
    }

    const plot& plot_;
    double bar_, top_;
    std::uint64_t scale_ = 0;
};

// ---- columns

constexpr double strip = 74, strip_head = 18, axis_height = 22, room_of_label = 66;

class column_writer {
public:
    column_writer(const plot& p, const std::string& marked) : plot_(p), marked_(marked), step_(width / static_cast<double>(std::max<std::size_t>(p.rows.size(), 1))) {}

    std::string written() const {
        std::string out = opened(plot_, bottom() + axis_height) + band();
        for (std::size_t s = 0; s < plot_.series.size(); ++s) out += strip_of(s);
        return out + axis() + "</svg>\n";
    }

private:
    double bottom() const { return strip * static_cast<double>(plot_.series.size()); }
    double left(std::size_t i) const { return step_ * static_cast<double>(i); }

    std::string band() const {
        const auto now = std::find_if(plot_.rows.begin(), plot_.rows.end(), [&](const plot_row& r) { return r.label == marked_; });
        if (now == plot_.rows.end()) return {};
        return fmt::format("<rect x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"{:g}\" class=\"now\"/>\n", left(static_cast<std::size_t>(now - plot_.rows.begin())), step_, bottom());
    }

    std::string strip_of(std::size_t s) const {
        std::uint64_t greatest = 0;
        for (const auto& row : plot_.rows) greatest = std::max(greatest, row.values[s]);
        const double top = strip * static_cast<double>(s), ground = top + strip;
        std::string out = text_at(2, top + strip_head / 2 + 2, "strip", fmt::format("{} (at most {} in a month)", plot_.series[s], plot_.shown(greatest)));
        for (std::size_t i = 0; i < plot_.rows.size(); ++i)
            if (plot_.rows[i].values[s] > 0) out += column(i, s, greatest, ground);
        return out + fmt::format("<line x1=\"0\" x2=\"{0:g}\" y1=\"{1:g}\" y2=\"{1:g}\" class=\"ground\"/>\n", width, ground);
    }

    std::string column(std::size_t i, std::size_t s, std::uint64_t greatest, double ground) const {
        const double height = share(plot_.rows[i].values[s], greatest, strip - strip_head - 6);
        const double gap = std::min(3.0, step_ / 5), wide = std::min(step_ - gap, 40.0);
        return fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" class=\"bar s{}\"><title>{}</title></rect>\n", left(i) + (step_ - wide) / 2,
                           ground - height, wide, height, s, tip(plot_, plot_.rows[i], s));
    }

    std::string axis() const {
        std::string out;
        const auto every = static_cast<std::size_t>(room_of_label / step_) + 1;
        for (std::size_t i = 0; i < plot_.rows.size(); i += every) out += text_at(std::clamp(left(i) + step_ / 2, room_of_label / 2, width - room_of_label / 2), bottom() + 15, "tick", plot_.rows[i].label);
        return out;
    }

    const plot& plot_;
    const std::string& marked_;
    double step_;
};

} // namespace

std::string bars(const plot& p) { return bar_writer(p).written(); }

std::string columns(const plot& p, const std::string& marked) { return column_writer(p, marked).written(); }

} // namespace vmail::page
