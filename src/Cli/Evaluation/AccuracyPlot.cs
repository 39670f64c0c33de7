using System.Globalization;
using System.Security;
using System.Text;
using GpuMem.Evaluation;

namespace GpuMem.Cli.Evaluation;

/// <summary>Predicted against measured as a self-contained SVG: both axes logarithmic, coloured by framework, with the ±10 % band.</summary>
internal static class AccuracyPlot
{
    private const double Left = 60;
    private const double Top = 20;
    private const double Side = 620;
    private const double LegendWidth = 150;

    /// <summary>Distinct also for most colour-blind readers (Okabe and Ito, then Tol's muted set).</summary>
    private static readonly string[] Colours =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#332288", "#882255", "#117733", "#999933", "#44AA99", "#AA4499", "#666666", "#000000", "#88CCEE"];

    public static string Draw(IEnumerable<ScoredCase> scored)
    {
        var points = scored.Where(item => !item.Score.IsComponent && item.Score.Error is not null).ToList();
        var frameworks = points.Select(point => point.Case.Framework.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        var axis = Axis.Over(points.SelectMany(point => new[] { point.Case.Measured.Gib!.Value, point.Score.Own!.Value.Expected.GiB }));
        var svg = new StringBuilder();
        svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Side + LegendWidth} {Top + Side + 50}" font-family="sans-serif" font-size="12">"""));
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        Frame(svg, axis);
        foreach (var point in points)
            Dot(svg, axis, point, Colours[frameworks.IndexOf(point.Case.Framework.ToString()) % Colours.Length]);
        for (var i = 0; i < frameworks.Count; i++)
            Legend(svg, i, frameworks[i]);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Frame(StringBuilder svg, Axis axis)
    {
        // The band from 0.9 to 1.1 times the measured value, a strip along the diagonal on logarithmic axes.
        var (low, high) = (axis.Low, axis.High);
        svg.Append(Invariant($"""<clipPath id="area"><rect x="{Left}" y="{Top}" width="{Side}" height="{Side}"/></clipPath><g clip-path="url(#area)">"""));
        svg.Append(Invariant($"""<polygon fill="#dddddd" points="{axis.X(low)},{axis.Y(low * 0.9)} {axis.X(high)},{axis.Y(high * 0.9)} {axis.X(high)},{axis.Y(high * 1.1)} {axis.X(low)},{axis.Y(low * 1.1)}"/>"""));
        svg.Append(Invariant($"""<line x1="{axis.X(low)}" y1="{axis.Y(low)}" x2="{axis.X(high)}" y2="{axis.Y(high)}" stroke="#888888"/></g>"""));
        svg.Append(Invariant($"""<rect x="{Left}" y="{Top}" width="{Side}" height="{Side}" fill="none" stroke="#444444"/>"""));
        foreach (var tick in axis.Ticks())
        {
            svg.Append(Invariant($"""<text x="{axis.X(tick)}" y="{Top + Side + 16}" text-anchor="middle">{tick}</text>"""));
            svg.Append(Invariant($"""<text x="{Left - 6}" y="{axis.Y(tick) + 4}" text-anchor="end">{tick}</text>"""));
        }

        svg.Append(Invariant($"""<text x="{Left + (Side / 2)}" y="{Top + Side + 38}" text-anchor="middle">measured, GiB per GPU</text>"""));
        svg.Append(Invariant($"""<text transform="translate(16,{Top + (Side / 2)}) rotate(-90)" text-anchor="middle">expected, GiB per GPU (band: ±10 %)</text>"""));
    }

    private static void Dot(StringBuilder svg, Axis axis, ScoredCase point, string colour)
    {
        var (measured, expected) = (point.Case.Measured.Gib!.Value, point.Score.Own!.Value.Expected.GiB);
        svg.Append(Invariant($"""<circle cx="{axis.X(measured)}" cy="{axis.Y(expected)}" r="3.5" fill="{colour}" fill-opacity="0.65"><title>{SecurityElement.Escape(point.Case.Id)}: {measured:0.0} measured, {expected:0.0} expected</title></circle>"""));
    }

    private static void Legend(StringBuilder svg, int row, string framework)
    {
        var y = Top + 12 + (row * 18);
        svg.Append(Invariant($"""<circle cx="{Left + Side + 16}" cy="{y - 4}" r="4" fill="{Colours[row % Colours.Length]}"/><text x="{Left + Side + 26}" y="{y}">{framework}</text>"""));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Axis(double Low, double High)
    {
        public static Axis Over(IEnumerable<double> values)
        {
            var all = values.DefaultIfEmpty(1).ToList();
            return new Axis(Math.Pow(2, Math.Floor(Math.Log2(all.Min()))), Math.Pow(2, Math.Ceiling(Math.Log2(all.Max()) + 0.01)));
        }

        public double X(double value) => Math.Round(Left + (Side * Share(value)), 1);

        public double Y(double value) => Math.Round(Top + (Side * (1 - Share(value))), 1);

        public IEnumerable<double> Ticks()
        {
            for (var tick = Low; tick <= High; tick *= 2)
                yield return tick;
        }

        private double Share(double value) => Math.Log2(value / Low) / Math.Log2(High / Low);
    }
}
