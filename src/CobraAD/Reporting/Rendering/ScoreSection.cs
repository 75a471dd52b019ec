using System.Globalization;
using CobraAD.Methods.Cobra;

namespace CobraAD.Reporting.Rendering;

/// <summary>How each detector's score was chosen from good images, candidate by candidate.</summary>
internal static class ScoreSection
{
    public const string Explanation =
        "The score was chosen before any test image was seen: on good images kept from the training and anomalies crafted from them. AUROC untouched / attacked at the training radius; the kind on which a score is worst decides. ≤ is a bound: a score that was not the best even against the attacks on others was not attacked itself.";

    /// <summary>The section; empty where no score was chosen.</summary>
    public static Markup Of(RobustnessReport report)
    {
        ReportDetector[] chosen = [.. report.Detectors.Where(IsChosen)];
        return chosen.Length == 0 ? Markup.Empty : Markup.Of(
            $"""
            <section aria-labelledby="score">
            <h2 id="score">How the score was chosen</h2>
            <p>{Explanation}</p>
            {Markup.Join(chosen, detector => Table(detector.Name, detector.Score!))}
            </section>
            """);
    }

    /// <summary>Whether there were candidates.</summary>
    public static bool IsChosen(ReportDetector detector) => detector.Score is { Candidates.Count: > 0 };

    /// <summary>The heads of the columns.</summary>
    public static IReadOnlyList<string> Heads(ScoreChoice choice) => ["Score", .. choice.Candidates[0].Kinds.Select(kind => kind.Kind)];

    /// <summary>A row for each candidate, the chosen one first.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(ScoreChoice choice) => choice.Candidates.Select((candidate, place) => (IReadOnlyList<string>)
    [
        place == 0 ? $"{candidate.Name} (chosen)" : candidate.Name,
        .. candidate.Kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{100 * kind.Clean:0.0} / {(candidate.IsBound ? "≤" : "")}{100 * kind.Attacked:0.0}")),
    ]);

    private static Markup Table(string name, ScoreChoice choice) => Markup.Of(
        $"""
        <div class="panel-box"><div class="scroll"><table>
        <caption>{name}</caption>
        <thead><tr>{Markup.Join(Heads(choice), (head, place) => place == 0 ? Markup.Of($"""<th scope="col">{head}</th>""") : Markup.Of($"""<th class="number" scope="col">{head}</th>"""))}</tr></thead>
        <tbody>{Markup.Join(Rows(choice), row => Markup.Of($"""<tr>{Markup.Join(row, Cell)}</tr>"""))}</tbody>
        </table></div></div>
        """);

    private static Markup Cell(string text, int place) => place == 0 ? Markup.Of($"""<th scope="row">{text}</th>""") : Markup.Of($"""<td class="number">{text}</td>""");
}
