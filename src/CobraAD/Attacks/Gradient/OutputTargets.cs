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
    /// Which way an output helps says the detector (<see cref="Detection.IAnomalyDetector.ItemEffect"/>), and where it does not the sign of ⟨∇J, ∇u_j⟩ at the clean image.
    /// That costs one gradient and one more for each item, besides the search. The stand-ins live as long as the caller's dispose scope.
    /// </remarks>
    public static List<StandIn> Create(AttackBatch batch, int count)
    {
        List<StandIn> found = [];
        if (count == 0 || batch.NearestItems(count) is not Tensor items) return found;
        Tensor? rise = batch.Detector.ItemEffect == 0 ? batch.Differentiate(batch.Clean, 0, 0).Gradient : null;
        for (int place = 0; place < items.size(1); place++)
        {
            Tensor item = items.narrow(1, place, 1);
            found.Add(new StandIn(Output, rise is null ? batch.Sign * batch.Detector.ItemEffect : Helpful(rise, batch.Differentiate(batch.Clean, Output).Gradient)));

            Tensor Output(Tensor images) => batch.Detector.Outputs(images, item).squeeze(1);
        }

        return found;
    }

    /// <summary>+1 for each image where an output rises with the objective, -1 where it falls.</summary>
    private static Tensor Helpful(Tensor rise, Tensor own) => (rise * own).flatten(1).sum(1).ge(0).to(ScalarType.Float64) * 2 - 1;
}
