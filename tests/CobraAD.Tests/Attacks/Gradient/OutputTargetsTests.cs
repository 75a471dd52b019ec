using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

/// <summary>Attacks that aim at the items nearest to each image.</summary>
public sealed class OutputTargetsTests
{
    private const int Pixels = 3 * 4 * 4;

    [Theory]
    [InlineData("apgd:restarts=0,targets=3,steps=20")]
    [InlineData("caa:policy=mt@1x20>mt@1x10,targets=3")]
    [InlineData("a3:budget=40")]
    public void Each_image_is_searched_for_once_and_aims_at_items_of_its_own(string recipe)
    {
        using Bank bank = new();
        using Tensor images = AttackTrial.Images(6, low: 0.3, high: 0.7);

        using Ledger ledger = AttackTrial.Run(AttackRecipe.Parse(recipe), bank, images, new bool[6], new(Norm.Linf, 0.05), batchSize: 2);

        Assert.Equal(6, bank.Searched);
        Assert.All(bank.Asked, asked => Assert.Contains(asked, bank.Found));
        Assert.True(bank.Found.Distinct().Count() > 3, "Images have items of their own.");
    }

    [Fact]
    public void Nearest_items_reach_further_than_those_that_lie_far_apart()
    {
        using Bank near = new(), far = new() { FarApart = true };
        using Tensor images = AttackTrial.Images(16, low: 0.3, high: 0.7);
        bool[] anomalous = [.. Enumerable.Repeat(true, 16)];
        Apgd attack = new() { Steps = 20, Restarts = 0, Targets = 5 };

        using Ledger nearest = AttackTrial.Run(attack, near, images, anomalous, new(Norm.Linf, 0.05));
        using Ledger apart = AttackTrial.Run(attack, far, images, anomalous, new(Norm.Linf, 0.05));

        Assert.Equal(apart.BackwardPasses, nearest.BackwardPasses);
        double gained = Enumerable.Range(0, 16).Average(i => nearest[i].Gain()), other = Enumerable.Range(0, 16).Average(i => apart[i].Gain());
        Assert.True(gained > other, $"{gained} towards the nearest, {other} towards those far apart.");
    }

    [Fact]
    public void An_image_between_two_items_is_pushed_towards_either()
    {
        using TwoItems detector = new();
        using Tensor images = full([2, 3, 4, 4], 0.45);

        using Ledger ledger = AttackTrial.Run(new Apgd { Steps = 20, Restarts = 0, Targets = 2 }, detector, images, [true, true], new(Norm.Linf, 0.3));

        // The nearer of both can be approached to 0.4 only; the slope at the image itself leads away from the other.
        Assert.Equal(0.2, ledger[0].Gain(), 1e-3);
    }

    /// <summary>The distance of the mean grey to black or white, whichever is nearer; but none is nearer to black than 0.4.</summary>
    private sealed class TwoItems : IAnomalyDetector
    {
        public string Name => "two items";

        public Device Device => CPU;

        public int ItemEffect => +1;

        public Tensor Score(Tensor images) => Distances(images).amin([1L]);

        public Tensor Outputs(Tensor images) => Distances(images);

        public Tensor NearestItems(Tensor images, int count) => Distances(images).topk(count, 1, largest: false).indexes;

        public Tensor Outputs(Tensor images, Tensor items) => Distances(images).gather(1, items);

        public void Dispose()
        {
        }

        private static Tensor Distances(Tensor images)
        {
            Tensor mean = images.to(ScalarType.Float64).mean([1L, 2, 3]);
            return stack([mean.clamp_min(0.4), 1 - mean], 1);
        }
    }

    /// <summary>A(x) = the distance to the nearest of forty random points.</summary>
    private sealed class Bank : IAnomalyDetector
    {
        private readonly Tensor entries;

        public Bank()
        {
            using Generator rng = new(4, CPU);
            entries = rand([40, Pixels], generator: rng, dtype: ScalarType.Float64);
        }

        public string Name => "bank";

        public Device Device => CPU;

        public bool FarApart { get; init; }

        public int Searched { get; private set; }

        public List<string> Found { get; } = [];

        public List<string> Asked { get; } = [];

        public Tensor Score(Tensor images) => Distances(images).amin([1L]);

        public Tensor Outputs(Tensor images) => Distances(images).narrow(1, 0, 10);

        public Tensor? NearestItems(Tensor images, int count)
        {
            Searched += (int)images.size(0);
            Tensor items = FarApart
                ? Distances(images).topk(count, 1).indexes
                : Distances(images).topk(count, 1, largest: false).indexes;
            Found.AddRange(Rows(items));
            return items;
        }

        public Tensor Outputs(Tensor images, Tensor items)
        {
            foreach (string row in Rows(items))
            {
                string whole = Found.FirstOrDefault(found => found.Contains(row, StringComparison.Ordinal)) ?? row;
                Asked.Add(whole);
            }

            return Distances(images).gather(1, items);
        }

        public void Dispose() => entries.Dispose();

        private static string[] Rows(Tensor items) =>
            [.. Enumerable.Range(0, (int)items.size(0)).Select(row => $",{string.Join(",", items[row].contiguous().data<long>().ToArray())},")];

        private Tensor Distances(Tensor images) => (images.flatten(1).unsqueeze(1) - entries).square().sum([2]);
    }
}
