using System.Globalization;
using CobraAD.Methods.Cobra;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>Which score a model of COBRA has, and why.</summary>
internal static class ScoreText
{
    /// <summary>Prints the score, and every candidate where it was chosen.</summary>
    public static void Print(CommandConsole console, ScoreChoice choice)
    {
        foreach (string line in Of(choice)) console.Print(line);
        if (choice.Candidates.Count > 0) console.Print(TableOf(choice));
    }

    /// <summary>The score in a line or two.</summary>
    private static IEnumerable<string> Of(ScoreChoice choice)
    {
        if (choice.Candidates.Count == 0)
        {
            yield return $"score           {choice.Name}";
            yield break;
        }

        ScoreCandidate chosen = choice.Candidates[0];
        yield return $"score           {chosen.Name}, chosen among {choice.Candidates.Count} on good images and anomalies crafted from them";
        ScoreCandidateKind worst = chosen.Kinds.MinBy(kind => kind.Clean + kind.Attacked)!;
        yield return string.Create(
            CultureInfo.InvariantCulture, $"                its worst kind is '{worst.Kind}': AUROC {worst.Clean:0.000} untouched, {worst.Attacked:0.000} attacked");
    }

    /// <summary>Every candidate on every kind, untouched / attacked.</summary>
    private static Table TableOf(ScoreChoice choice)
    {
        Table table = new Table().Border(TableBorder.Simple).Caption("The log-odds of H alone are shown, not chosen: H was trained on crafted anomalies. ≤: a bound; not the best even against the attacks on others.").AddColumn("score");
        foreach (ScoreCandidateKind kind in choice.Candidates[0].Kinds) table.AddColumn(new TableColumn(Markup.Escape(kind.Kind)).RightAligned());
        foreach (ScoreCandidate candidate in choice.Candidates)
        {
            table.AddRow([Markup.Escape(candidate.Name), .. candidate.Kinds.Select(
                kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Clean:0.000} / {(candidate.IsBound ? "≤" : "")}{kind.Attacked:0.000}"))]);
        }

        return table;
    }
}
