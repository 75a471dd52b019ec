using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Objectives that push one output of the detector (its similarity to one prototype, say) in the direction that helps the attacker. A
/// score that is a maximum over many items only shows the gradient of the nearest one; another item may be easier to reach.
/// </summary>
internal static class OutputTargets
{
    /// <summary>The objectives for the largest outputs of each image, nearest first; none when the detector has no outputs.</summary>
    /// <remarks>
    /// The helpful sign of an output is that of ⟨∇J, ∇u_j⟩ at the clean image. Costs one gradient and one more for each objective.
    /// The objectives live as long as the caller's dispose scope.
    /// </remarks>
    public static List<Func<Tensor, Tensor>> Create(AttackBatch batch, int count)
    {
        List<Func<Tensor, Tensor>> objectives = [];
        if (count == 0 || batch.Outputs(batch.Clean) is not Tensor outputs) return objectives;
        Tensor nearestFirst = outputs.argsort(1, descending: true);
        (_, Tensor rise) = batch.Differentiate(batch.Clean, 0, 0);
        for (int place = 0; place < Math.Min(count, (int)outputs.size(1)); place++)
        {
            Tensor index = nearestFirst.narrow(1, place, 1);
            Tensor chosen = zeros_like(outputs).scatter(1, index, ones_like(index).to(outputs.dtype));
            (_, Tensor own) = batch.Differentiate(batch.Clean, images => (batch.Detector.Outputs(images)! * chosen).sum(1));
            Tensor helpful = (rise * own).flatten(1).sum(1, true).ge(0).to(outputs.dtype) * 2 - 1;
            Tensor weights = chosen * helpful;
            objectives.Add(images => (batch.Detector.Outputs(images)! * weights).sum(1));
        }

        return objectives;
    }
}
