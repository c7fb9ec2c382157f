//! All drawings: SVG with classes, so that one drawing serves light, dark and print. Direct labels instead of legends; the
//! letter stands on every P/S/M/U bar, for colour is never the only sign.

use std::fmt::Write;

const WIDTH: f64 = 680.0;

/// Text safe inside SVG and HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn svg(height: f64, title: &str, body: &str) -> String {
    format!(
        "<svg class=\"fig\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\">{body}</svg>",
        escape(title)
    )
}

fn text(body: &mut String, x: f64, y: f64, anchor: &str, class: &str, said: &str) {
    let _ = write!(
        body,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
        escape(said)
    );
}

/// A small course without axes; gaps stay gaps.
pub fn spark(values: &[Option<f64>]) -> String {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    if known.len() < 2 {
        return String::new();
    }
    let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    let place = |at: usize, value: f64| {
        (3.0 + 134.0 * at as f64 / (values.len() - 1) as f64, 29.0 - 26.0 * (value - low) / (high - low).max(1e-9))
    };
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| value.map(|value| place(at, value)))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let last = points.last().cloned().unwrap_or_default();
    let (x, y) = last.split_once(',').unwrap_or(("0", "0"));
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 140 32\" width=\"140\" height=\"32\" aria-hidden=\"true\" xmlns=\"http://www.w3.org/2000/svg\"><polyline class=\"line\" points=\"{}\"/><circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"2.5\"/></svg>",
        points.join(" ")
    )
}

/// One line of a dot plot.
pub struct Dot {
    /// What it is.
    pub label: String,
    /// Value.
    pub value: Option<f64>,
    /// Interval.
    pub interval: Option<(f64, f64)>,
    /// Funnel within which it differs by chance alone.
    pub funnel: Option<(f64, f64)>,
    /// As printed at the right.
    pub said: String,
    /// Too few to judge.
    pub hollow: bool,
}

/// Dots with intervals on one scale, a reference line, and each line's funnel as a shade.
pub fn dots(title: &str, lines: &[Dot], reference: Option<(f64, &str)>) -> String {
    let values = lines
        .iter()
        .flat_map(|line| [line.value, line.interval.map(|(low, _)| low), line.interval.map(|(_, high)| high)])
        .flatten();
    let (mut low, mut high) = values
        .chain(reference.map(|(value, _)| value))
        .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low > high || !low.is_finite() || !high.is_finite() {
        return String::new();
    }
    if low > 0.0 && low < high * 0.6 {
        low = 0.0;
    }
    if (high - low).abs() < 1e-9 {
        high = low + 1.0;
    }
    let (left, right) = (150.0, WIDTH - 130.0);
    let x = |value: f64| left + (right - left) * ((value - low) / (high - low)).clamp(0.0, 1.0);
    let height = 34.0 + 30.0 * lines.len() as f64;
    let mut body = String::new();
    if let Some((value, label)) = reference {
        let _ = write!(
            body,
            "<line class=\"ref\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"20\" y2=\"{1:.1}\"/>",
            x(value),
            height - 8.0
        );
        text(&mut body, x(value), 13.0, "middle", "small", label);
    }
    for (at, line) in lines.iter().enumerate() {
        let y = 40.0 + 30.0 * at as f64;
        text(&mut body, left - 14.0, y + 4.0, "end", "label", &line.label);
        if let Some((low, high)) = line.funnel.filter(|(low, high)| low.is_finite() && high.is_finite()) {
            let _ = write!(
                body,
                "<rect class=\"funnel\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"16\" rx=\"3\"/>",
                x(low),
                y - 8.0,
                (x(high) - x(low)).max(1.0)
            );
        }
        if let Some((low, high)) = line.interval {
            let _ = write!(
                body,
                "<line class=\"whisker\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                x(low),
                x(high)
            );
        }
        if let Some(value) = line.value {
            let _ = write!(
                body,
                "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"5\"/>",
                if line.hollow { "hollow" } else { "dot" },
                x(value)
            );
        }
        text(&mut body, right + 14.0, y + 4.0, "start", "value", &line.said);
    }
    svg(height, title, &body)
}

/// Stacked shares of P, S, M and U by period.
pub fn stacked(title: &str, periods: &[(String, [f64; 4])]) -> String {
    let (left, bottom, top) = (36.0, 186.0, 14.0);
    let step = (WIDTH - left - 8.0) / periods.len().max(1) as f64;
    let mut body = String::new();
    for share in [0.0, 0.5, 1.0] {
        let y = bottom - (bottom - top) * share;
        let _ = write!(body, "<line class=\"grid\" x1=\"{left}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        text(&mut body, left - 6.0, y + 4.0, "end", "small", &format!("{:.0}", share * 100.0));
    }
    let every = (periods.len() / 10).max(1);
    for (at, (label, counts)) in periods.iter().enumerate() {
        let total: f64 = counts.iter().sum();
        let x = left + step * at as f64 + step * 0.1;
        let width = step * 0.8;
        let mut y = bottom;
        for (class, letter, count) in
            [("p", "P", counts[0]), ("s", "S", counts[1]), ("m", "M", counts[2]), ("u", "U", counts[3])]
        {
            if total == 0.0 || count == 0.0 {
                continue;
            }
            let tall = (bottom - top) * count / total;
            y -= tall;
            let _ = write!(
                body,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{tall:.1}\"/>"
            );
            if tall > 13.0 && width > 11.0 {
                text(&mut body, x + width / 2.0, y + tall / 2.0 + 4.0, "middle", &format!("on-{class}"), letter);
            }
        }
        if at % every == 0 {
            text(&mut body, x + width / 2.0, bottom + 16.0, "middle", "small", label);
        }
    }
    svg(210.0, title, &body)
}

/// Bars with their values.
pub fn bars(title: &str, lines: &[(String, f64, String)]) -> String {
    let most = lines.iter().map(|(_, value, _)| *value).fold(0.0, f64::max).max(1e-9);
    let (left, right) = (190.0, WIDTH - 120.0);
    let mut body = String::new();
    for (at, (label, value, said)) in lines.iter().enumerate() {
        let y = 8.0 + 26.0 * at as f64;
        let width = if value.is_finite() { (right - left) * value / most } else { 0.0 };
        text(&mut body, left - 12.0, y + 14.0, "end", "label", label);
        let _ =
            write!(body, "<rect class=\"bar\" x=\"{left}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"18\" rx=\"2\"/>");
        text(&mut body, left + width + 8.0, y + 14.0, "start", "value", said);
    }
    svg(16.0 + 26.0 * lines.len() as f64, title, &body)
}

/// One step of a curve: time, share, and its limits.
pub type CurveStep = (f64, f64, f64, f64);

/// A falling curve with its band.
pub fn curve(title: &str, steps: &[CurveStep], unit: &str) -> String {
    let Some(last) = steps.last().map(|(time, ..)| *time) else { return String::new() };
    let (left, right, bottom, top) = (48.0, WIDTH - 16.0, 196.0, 12.0);
    let end = last.max(1.0);
    let x = |time: f64| left + (right - left) * time / end;
    let y = |share: f64| bottom - (bottom - top) * share;
    let mut body = String::new();
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ =
            write!(body, "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>", y(share));
        text(&mut body, left - 6.0, y(share) + 4.0, "end", "small", &format!("{:.0} %", share * 100.0));
    }
    let path = |of: fn(&CurveStep) -> f64| {
        let mut points = vec![(left, y(1.0))];
        let mut before = 1.0;
        for step in steps {
            points.push((x(step.0), y(before)));
            before = of(step);
            points.push((x(step.0), y(before)));
        }
        points
    };
    let (upper, lower) = (path(|step| step.3), path(|step| step.2));
    let said = |points: &mut dyn Iterator<Item = &(f64, f64)>| {
        points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
    };
    let _ = write!(
        body,
        "<polygon class=\"band\" points=\"{} {}\"/>",
        said(&mut upper.iter()),
        said(&mut lower.iter().rev())
    );
    let _ = write!(body, "<polyline class=\"line\" points=\"{}\"/>", said(&mut path(|step| step.1).iter()));
    for part in 0..=4 {
        let time = end * f64::from(part) / 4.0;
        text(
            &mut body,
            x(time),
            bottom + 18.0,
            if part == 4 { "end" } else { "middle" },
            "small",
            &format!("{time:.0}"),
        );
    }
    text(&mut body, right, bottom + 34.0, "end", "small", unit);
    svg(236.0, title, &body)
}

/// Open at the end of each period as a line, opened and closed as bars up and down.
pub fn backlog(title: &str, periods: &[(String, f64, f64, f64)]) -> String {
    let (left, right, top, middle, bottom) = (46.0, WIDTH - 84.0, 14.0, 150.0, 226.0);
    let most = periods.iter().map(|(_, open, ..)| *open).fold(1.0, f64::max);
    let flow = periods.iter().map(|(_, _, opened, closed)| opened.max(*closed)).fold(1.0, f64::max);
    let step = (right - left) / periods.len().max(1) as f64;
    let y = |open: f64| middle - (middle - top) * open / most;
    let mut body = String::new();
    for share in [0.0, 0.5, 1.0] {
        let _ = write!(
            body,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>",
            y(most * share)
        );
        text(&mut body, left - 6.0, y(most * share) + 4.0, "end", "small", &format!("{:.0}", most * share));
    }
    let mut points = Vec::new();
    let every = (periods.len() / 8).max(1);
    let base = f64::midpoint(middle + 14.0, bottom);
    let tall = (bottom - middle - 14.0) / 2.0;
    for (at, (label, open, opened, closed)) in periods.iter().enumerate() {
        let x = left + step * (at as f64 + 0.5);
        points.push(format!("{x:.1},{:.1}", y(*open)));
        let _ = write!(
            body,
            "<rect class=\"m\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x - step * 0.3,
            base - tall * opened / flow,
            step * 0.6,
            tall * opened / flow
        );
        let _ = write!(
            body,
            "<rect class=\"p\" x=\"{:.1}\" y=\"{base:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x - step * 0.3,
            step * 0.6,
            tall * closed / flow
        );
        if at % every == 0 {
            text(&mut body, x, bottom + 18.0, "middle", "small", label);
        }
    }
    let _ = write!(body, "<polyline class=\"line\" points=\"{}\"/>", points.join(" "));
    if let Some((_, open, ..)) = periods.last() {
        text(&mut body, right + 8.0, y(*open) + 4.0, "start", "value", &format!("{open:.0} open"));
    }
    text(&mut body, right + 8.0, base - 6.0, "start", "small", "opened");
    text(&mut body, right + 8.0, base + 14.0, "start", "small", "closed");
    svg(252.0, title, &body)
}

/// A control chart: values in time order with centre and limits; marked points are signals.
pub fn control(title: &str, points: &[(f64, bool)], centre: f64, limits: Option<(f64, f64)>) -> String {
    let (left, right, top, bottom) = (46.0, WIDTH - 76.0, 14.0, 160.0);
    let most = points.iter().map(|(value, _)| *value).chain(limits.map(|(_, upper)| upper)).fold(1.0, f64::max) * 1.05;
    let x = |at: usize| left + (right - left) * (at as f64 + 0.5) / points.len().max(1) as f64;
    let y = |value: f64| bottom - (bottom - top) * value / most;
    let mut body = String::new();
    let mut level = |value: f64, class: &str, said: &str| {
        let _ = write!(
            body,
            "<line class=\"{class}\" x1=\"{left}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>",
            y(value)
        );
        text(&mut body, right + 8.0, y(value) + 4.0, "start", "small", &format!("{said} {value:.0}"));
    };
    if let Some((lower, upper)) = limits {
        level(upper, "limit", "limit");
        if lower > 0.0 {
            level(lower, "limit", "limit");
        }
    }
    level(centre, "ref", "mean");
    text(&mut body, left - 8.0, bottom + 4.0, "end", "small", "0");
    let course: Vec<String> =
        points.iter().enumerate().map(|(at, (value, _))| format!("{:.1},{:.1}", x(at), y(*value))).collect();
    let _ = write!(body, "<polyline class=\"thin\" points=\"{}\"/>", course.join(" "));
    for (at, (value, marked)) in points.iter().enumerate() {
        let class = if *marked { "signal" } else { "dot" };
        let _ = write!(
            body,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{}\"/>",
            x(at),
            y(*value),
            if *marked { 5 } else { 3 }
        );
        if *marked {
            text(&mut body, x(at), y(*value) - 9.0, "middle", "small", &format!("{value:.0}"));
        }
    }
    svg(176.0, title, &body)
}

/// A cell of a heat map: how dark (0 to 1), what stands in it, and whether it is framed.
#[derive(Clone, Default)]
pub struct Heat {
    /// How dark.
    pub level: Option<f64>,
    /// Text.
    pub said: String,
    /// Framed, as a sign beside the colour.
    pub framed: bool,
}

/// Rows by columns.
pub fn heat(title: &str, columns: &[String], rows: &[(String, Vec<Heat>)]) -> String {
    let left = 190.0;
    let step = (WIDTH - left - 4.0) / columns.len().max(1) as f64;
    let mut body = String::new();
    for (at, column) in columns.iter().enumerate() {
        text(&mut body, left + step * (at as f64 + 0.5), 14.0, "middle", "label", column);
    }
    for (line, (label, cells)) in rows.iter().enumerate() {
        let y = 22.0 + 27.0 * line as f64;
        text(&mut body, left - 10.0, y + 17.0, "end", "label", label);
        for (at, cell) in cells.iter().enumerate() {
            let x = left + step * at as f64;
            let shade = cell.level.map_or(0.0, |level| level.clamp(0.0, 1.0));
            let _ = write!(
                body,
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"24\" rx=\"2\" fill-opacity=\"{shade:.2}\"/>",
                if cell.framed { "heat framed" } else { "heat" },
                x + 1.0,
                step - 2.0
            );
            text(
                &mut body,
                x + step / 2.0,
                y + 16.0,
                "middle",
                if shade > 0.6 { "on-heat" } else { "value" },
                &cell.said,
            );
        }
    }
    svg(30.0 + 27.0 * rows.len() as f64, title, &body)
}

/// The regions on the map, shaded; each leads to its page.
pub fn map(title: &str, regions: &[(String, Option<f64>, String, String)]) -> String {
    let shapes: serde_json::Value = serde_json::from_str(include_str!("massachusetts.json")).unwrap_or_default();
    let mut body = String::from("<g transform=\"scale(0.68)\">");
    for (code, level, _, href) in regions {
        let path = shapes[code]["path"].as_str().unwrap_or_default();
        let _ = write!(
            body,
            "<a href=\"page:{}\"><path class=\"region\" fill-opacity=\"{:.2}\" d=\"{path}\"><title>{}</title></path></a>",
            escape(href),
            level.unwrap_or(0.0).clamp(0.06, 1.0),
            escape(code)
        );
    }
    for (code, level, said, _) in regions {
        // Boston is too small for its label, which stands in the sea beside it; so do those of the ring and the south.
        let (x, y) = match code.as_str() {
            "4C" => (805.0, 222.0),
            "4AB" => (805.0, 262.0),
            "5" => (640.0, 470.0),
            "3" => (800.0, 120.0),
            "2" => (440.0, 205.0),
            _ => (185.0, 205.0),
        };
        let class = if level.unwrap_or(0.0) > 0.6 && ["1", "2"].contains(&code.as_str()) {
            "map-label on-heat"
        } else {
            "map-label"
        };
        text(&mut body, x, y, "middle", class, &format!("{code}: {said}"));
    }
    body.push_str("</g>");
    svg(436.0, title, &body)
}
