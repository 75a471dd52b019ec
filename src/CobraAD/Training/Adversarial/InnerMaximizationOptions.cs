using System.Text.Json.Serialization;
using CobraAD.Validation;

namespace CobraAD.Training.Adversarial;

/// <summary>The attack that every training step defends against.</summary>
public sealed record InnerMaximizationOptions
{
    /// <summary>ε, the largest change of a pixel in [0, 1].</summary>
    /// <value>Default 4/255, for images up to 64 px; the paper has 2/255 above. From 0 to 1.</value>
    public double Epsilon { get; init; } = 4 / 255.0;

    /// <summary>Gradient steps.</summary>
    /// <value>Default 10; from 1 to 1000.</value>
    public int Steps { get; init; } = 10;

    /// <summary>α, the length of a step.</summary>
    /// <value>
    /// Default <see langword="null"/>: 2.5 ε divided by <see cref="Steps"/> · <see cref="FirstLayerSteps"/>, 1.25 ε where that is one step
    /// in all (Wong et al. 2020), and ε with <see cref="Replays"/>. Otherwise above 0, at most 1.
    /// </value>
    public double? StepSize { get; init; }

    /// <summary>Where the attack starts.</summary>
    /// <value>Default <see cref="StartingPoint.Uniform"/>.</value>
    public StartingPoint Start { get; init; } = StartingPoint.Uniform;

    /// <summary>Whether batch normalisation uses the statistics of the batch during the attack instead of the running ones.</summary>
    /// <value>Default <see langword="false"/>: evaluation mode, in which the keys' embeddings are constants. The running statistics never move.</value>
    public bool BatchStatistics { get; init; }

    /// <summary>
    /// s in what the attack raises, (1 - s) · loss + s · error of the score. The score is the cosine to the mean direction of the batch's normal embeddings, in units of the
    /// loss's temperature: normal images go away from there, pseudo-anomalies towards it. Beyond the paper.
    /// </summary>
    /// <value>Default 0: the loss alone. From 0 to 1, the score alone.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double ScoreShare { get; init; }

    /// <summary>Steps in the first epoch, when a network that is still weak needs fewer; they rise evenly to <see cref="Steps"/> in the last.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Steps"/> in every epoch. Otherwise from 1 to <see cref="Steps"/>.</value>
    public int? FirstSteps { get; init; }

    /// <summary>
    /// Whether an image is left where it is as soon as it has crossed: nearer to the views of its opposite than to its own, and on the
    /// wrong side of H. The others go on in smaller batches, so crossed images cost nothing, and what is trained on is the nearest
    /// crossing found instead of the farthest (friendly adversarial training, Zhang et al. 2020).
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool StopCrossed { get; init; }

    /// <summary>
    /// Steps of the images for each pass through the whole network. All but the first go through the stem alone (first convolution,
    /// normalisation, ReLU and pooling) and keep the gradient at its output as it was (YOPO, Zhang et al. 2019). Cheaper than as many
    /// whole steps and weaker: the network above is taken as linear meanwhile. The ReLU belongs to the stem because a convolution alone
    /// is linear: its gradient would not change, and all steps would be one long one.
    /// </summary>
    /// <value>Default 1: every step goes through the whole network. At most 100.</value>
    public int FirstLayerSteps { get; init; } = 1;

    /// <summary>
    /// Updates of the weights made with each batch, if there is to be no attack of its own: each update's backward pass gives the
    /// gradient of the attacked images as well, along which they take one step before the next (free adversarial training, Shafahi et
    /// al. 2019). What is climbed is then the training loss of the whole batch in training mode, not the objective of each image with
    /// fixed keys, and the first update of a batch sees its random start. Light views are drawn anew for each update, pseudo-anomalies
    /// are not. An epoch then makes that many times more updates, so take that many times fewer epochs.
    /// <see cref="Steps"/> and <see cref="BatchStatistics"/> play no part.
    /// </summary>
    /// <value>Default 0: a PGD attack before each update. At most 100.</value>
    public int Replays { get; init; }

    /// <summary>
    /// Steps of a stronger attack on the first batch of each epoch, whose gain tells what this attack's is worth
    /// (<see cref="EpochSummary.AttackStrength"/>). Single-step training can fail within an epoch: its own gain stays, a stronger
    /// attack's explodes (catastrophic overfitting, Wong et al. 2020).
    /// </summary>
    /// <value>Default 0: no check. At most 1000.</value>
    public int CheckSteps { get; init; }

    /// <summary>Below this share of the stronger attack's gain the alarm is raised: all later epochs take at least <see cref="CheckSteps"/> steps.</summary>
    /// <value>Default 0.5; from 0 to 1.</value>
    public double CheckShare { get; init; } = 0.5;

    /// <summary>α where <see cref="StepSize"/> is left open. A single step of 2.5 ε would end in a corner of the box wherever it starts.</summary>
    internal double UsualStepSize => Steps * FirstLayerSteps is > 1 and int steps ? 2.5 * Epsilon / steps : 1.25 * Epsilon;

    /// <summary>How the attack goes, in a few words: "PGD-10", "PGD-1 to PGD-10", "YOPO-5-3", "free-4".</summary>
    public string Describe()
    {
        if (Replays > 0) return $"free-{Replays}";
        if (FirstLayerSteps > 1) return $"YOPO-{Steps}-{FirstLayerSteps}";
        string steps = FirstSteps is { } first && first < Steps ? $"PGD-{first} to PGD-{Steps}" : $"PGD-{Steps}";
        return StopCrossed ? $"{steps}, stopped where it crosses" : steps;
    }

    /// <summary>The options of one epoch, given how strong the attack was in the epochs before it.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="epochs">Of the whole training.</param>
    /// <param name="strengths">What the check found in earlier epochs.</param>
    internal InnerMaximizationOptions InEpoch(int epoch, int epochs, IEnumerable<double?> strengths)
    {
        int steps = FirstSteps is { } first && epochs > 1 ? (int)Math.Round(first + (Steps - first) * (epoch / (epochs - 1.0))) : Steps;
        bool alarmed = strengths.Any(strength => strength < CheckShare);
        // A step length chosen for a single step would leap across the ball in many.
        return alarmed && (FirstLayerSteps > 1 || steps < CheckSteps) ? Plain(CheckSteps) : this with { Steps = steps };
    }

    /// <summary>The attack of PGD that checks this one, or takes its place.</summary>
    /// <param name="steps">Its steps, all through the whole network and for all images.</param>
    internal InnerMaximizationOptions Plain(int steps) => this with
    {
        Steps = steps,
        FirstSteps = null,
        StepSize = null,
        StopCrossed = false,
        FirstLayerSteps = 1,
    };

    /// <summary>Checks that only PGD in evaluation mode is asked for, with as many steps in every epoch: what methods beside COBRA train against.</summary>
    /// <param name="option">The option that holds these.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option of COBRA's own training is set.</exception>
    internal void RequirePlain(string option)
    {
        Require(nameof(BatchStatistics), BatchStatistics, false);
        Require(nameof(ScoreShare), ScoreShare, 0);
        Require(nameof(FirstSteps), FirstSteps, null);
        Require(nameof(StopCrossed), StopCrossed, false);
        Require(nameof(FirstLayerSteps), FirstLayerSteps, 1);
        Require(nameof(Replays), Replays, 0);
        Require(nameof(CheckSteps), CheckSteps, 0);

        void Require<T>(string member, T value, T? plain) =>
            OptionCheck.Require(value, Equals(value, plain), $"{plain?.ToString() ?? "absent"}: it belongs to COBRA's training", $"{option}.{member}");
    }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Epsilon, 0, 1);
        OptionCheck.Require(Steps, 1, 1000);
        OptionCheck.RequirePositive(StepSize, 1);
        OptionCheck.Require(FirstSteps, FirstSteps is null || (FirstSteps >= 1 && FirstSteps <= Steps), $"between 1 and Steps, {Steps}");
        OptionCheck.Require(StopCrossed, !StopCrossed || !BatchStatistics, "false with BatchStatistics: the images that go on would change each other");
        OptionCheck.Require(CheckSteps, CheckSteps is >= 0 and <= 1000, "between 0 (no check) and 1000");
        OptionCheck.Require(CheckShare, 0, 1);
        OptionCheck.Require(FirstLayerSteps, 1, 100);
        OptionCheck.Require(Replays, Replays is >= 0 and <= 100, "between 0 (an attack of its own) and 100");
        bool needsOwnAttack = FirstSteps is not null || StopCrossed || FirstLayerSteps > 1 || CheckSteps > 0;
        OptionCheck.Require(
            Replays, Replays == 0 || !needsOwnAttack,
            "0 with FirstSteps, StopCrossed, FirstLayerSteps or CheckSteps: there is no attack of its own that they could change or check");
        OptionCheck.RequireDefined(Start);
        OptionCheck.Require(ScoreShare, 0, 1);
    }
}
