namespace CobraAD.Losses;

/// <summary>Every contrastive loss by name: to add one, write a file beside this one and a line here.</summary>
internal static class ContrastiveLosses
{
    private static readonly Dictionary<string, Func<ContrastiveLossOptions, ContrastiveLoss>> Factories = new(StringComparer.Ordinal)
    {
        ["cobra"] = options => new CobraLoss(options),
        ["cobra-eq2"] = options => new MarginLoss(options, margin => MarginBarrier.Value(margin, options.Margin, options.MarginFloor)),
        ["cobra-softplus"] = options => new MarginLoss(options, MarginBarrier.Softplus),
        ["ntxent"] = options => new NtXentLoss(options),
        ["supcon"] = options => new SupervisedContrastiveLoss(options),
        ["opposite"] = options => new OppositeLoss(options),
        ["none"] = options => new NoContrastiveLoss(options),
    };

    public static IReadOnlyCollection<string> Names => Factories.Keys;

    /// <summary>The loss that the options name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static ContrastiveLoss Create(ContrastiveLossOptions options)
    {
        options.Validate();
        return Factories[options.Name](options);
    }
}
