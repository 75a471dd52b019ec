using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Stand-ins that push one output of the detector (an image's similarity to one item of its bank, say) in the direction that helps the attacker. A
/// score that is the best of many items only shows the slope of the nearest; another one near it may be easier to reach.
/// </summary>
internal static class OutputTargets
{
    /// <summary>One stand-in for each of the items nearest to each image, nearest first; none when the detector has no outputs.</summary>
    /// <remarks>
    /// The helpful sign of an output is that of ⟨∇J, ∇u⟩ for the nearest item at the clean image: what helps with one item helps with all. The others' own slopes
    /// may say the opposite, where an image lies between two items. Costs a search and two gradients. The stand-ins live as long as the caller's dispose scope.
    /// </remarks>
    public static List<StandIn> Create(AttackBatch batch, int count)
    {
        List<StandIn> found = [];
        if (count == 0 || batch.NearestItems(count) is not Tensor items) return found;
        (_, Tensor rise) = batch.Differentiate(batch.Clean, 0, 0);
        (_, Tensor own) = batch.Differentiate(batch.Clean, Output(0));
        Tensor helpful = (rise * own).flatten(1).sum(1).ge(0).to(ScalarType.Float64) * 2 - 1;
        for (int place = 0; place < items.size(1); place++) found.Add(new StandIn(Output(place), helpful));
        return found;

        Func<Tensor, Tensor> Output(int place)
        {
            Tensor item = items.narrow(1, place, 1);
            return images => batch.Detector.Outputs(images, item).squeeze(1);
        }
    }
}
